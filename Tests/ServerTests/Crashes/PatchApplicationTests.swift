import HostSystem
import PortlessCore
import SystemPackage
import Testing

@testable import Server

/// Patches that are applied, whatever becomes of git and of the server meanwhile.
@Suite(.timeLimit(.minutes(1))) struct PatchApplicationTests {
    private static let old = ["old\n", "old\n", "old\n"]
    private static let new = ["new\n", "new\n", "new\n"]

    @Test func `a patch is in all files, and out of all where the process can't be started`()
        async throws
    {
        try await GitFixture.with { fixture in
            let record = try await fixture.api.crashes.apply(fixture.record(0, .staged))
            #expect(record.patch?.state == .reverted)
            #expect(fixture.contents == Self.old)
        }
        try await GitFixture.with(.online) { fixture in
            let record = try await fixture.api.crashes.apply(fixture.record(0, .staged))
            #expect(record.patch?.state == .applied)
            #expect(fixture.contents == Self.new)
        }
    }

    @Test func `a patch that isn't in the files waits again after the server's end`() async throws {
        try await GitFixture.with { fixture in
            try fixture.store.update(fixture.record(0, .applying))
            try await fixture.watching {
                try await fixture.eventually { fixture.patch()?.state == .staged }
                #expect(fixture.contents == Self.old)
            }
        }
    }

    @Test func `a patch that is in the files is tried by the next server`() async throws {
        try await GitFixture.with(.online) { fixture in
            for name in GitFixture.names { try fixture.write("new\n", name) }
            try fixture.store.update(fixture.record(0, .applying))
            try await fixture.watching {
                try await fixture.eventually { fixture.patch()?.state == .applied }
                #expect(fixture.contents == Self.new)
                #expect(await fixture.api.supervision.requests == ["restart shop p0"])
            }
        }
        try await GitFixture.with { fixture in
            for name in GitFixture.names { try fixture.write("new\n", name) }
            try fixture.store.update(fixture.record(0, .applying))
            try await fixture.watching {
                try await fixture.eventually { fixture.patch()?.state == .reverted }
                #expect(fixture.contents == Self.old)
            }
        }
    }

    @Test func `a patch of which a part is in the files is taken back`() async throws {
        try await GitFixture.with { fixture in
            // As git leaves it when it is killed: it removes the files first.
            try fixture.write("new\n", "a.txt")
            try FileSystem.removeFile(fixture.root.appending("b.txt"))
            try fixture.store.update(fixture.record(0, .applying))
            try await fixture.watching {
                try await fixture.eventually { fixture.patch()?.state == .staged }
                #expect(fixture.contents == Self.old)
            }
        }
    }

    @Test func `a file with something else in it is named, and left as it is`() async throws {
        try await GitFixture.with { fixture in
            try fixture.write("new\n", "a.txt")
            try fixture.write("mine\n", "b.txt")
            try fixture.store.update(fixture.record(0, .applying))
            try await fixture.watching {
                try await fixture.eventually { fixture.patch()?.state == .failed }
                #expect(fixture.patch()?.sentence.contains("b.txt") == true)
                #expect(fixture.contents == ["old\n", "mine\n", "old\n"])
            }
        }
    }

    @Test func `git that is killed in the middle leaves nothing of the patch`() async throws {
        try await GitFixture.with { fixture in
            try fixture.replaceGit(
                """
                case "$*" in
                *--check*|*--reverse*) ;;
                *" apply "*) rm "$FOLDER/shop/a.txt" "$FOLDER/shop/b.txt"; kill -9 $$ ;;
                esac
                """
            )
            await #expect(throws: Problem.self) {
                try await fixture.api.crashes.apply(fixture.record(0, .staged))
            }
            #expect(fixture.patch()?.state == .staged)
            #expect(fixture.contents == Self.old)
        }
    }

    @Test func `git goes on and keeps the next server waiting when its caller is cancelled`()
        async throws
    {
        try await GitFixture.with(.online) { fixture in
            try fixture.replaceGit(
                """
                case "$*" in
                *--check*) ;;
                *" apply "*) touch "$FOLDER/begun"; wait_for "$FOLDER/gate" ;;
                esac
                """
            )
            let folder = fixture.root.removingLastComponent()
            let crashes = fixture.api.crashes
            let record = try fixture.record(0, .staged)
            let applying = Task(executorPreference: fixture.api.work) {
                try await crashes.apply(record)
            }
            try await fixture.eventually {
                try FileStatus.of(folder.appending("begun")) != nil
            }
            applying.cancel()
            try await Task.sleep(for: .milliseconds(300))
            #expect(try fixture.store.takeLock() == nil)
            #expect(fixture.contents == Self.old)
            try AtomicFile.write([], to: folder.appending("gate"))
            _ = try await applying.value
            #expect(fixture.contents == Self.new)
            // Whether the process runs with it is the next server's to find out.
            #expect(fixture.patch()?.state == .applying)
            try await fixture.expectNoLock()
        }
    }
}
