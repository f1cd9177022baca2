import HostSystem
import PortlessCore
import SystemPackage
import Testing

@testable import Server

/// Which crashes the watcher works on, and when.
@Suite(.timeLimit(.minutes(1))) struct CrashWatcherTests {
    private func turnOn(_ fixture: GitFixture) throws {
        var settings = CrashSettings()
        settings.isOn = true
        settings.autofix = CrashSettings.Autofix(command: ["true"])
        try fixture.store.write(settings)
    }

    @Test func `a server leaves the crashes alone while another one works on them`() async throws {
        try await GitFixture.with { fixture in
            try fixture.store.add(fixture.record(1))
            try await fixture.expectNoLock()
            var lock = try fixture.store.takeLock()
            #expect(lock != nil)
            try await fixture.watching {
                try await Task.sleep(for: .milliseconds(500))
                #expect(fixture.store.record(GitFixture.id(1))?.isExamined == false)
                lock = nil
                try await fixture.eventually {
                    fixture.store.record(GitFixture.id(1))?.isExamined == true
                }
                #expect(try fixture.store.takeLock() == nil)
            }
            try await fixture.expectNoLock()
        }
    }

    @Test func `a crash that autofix doesn't try says why`() async throws {
        try await GitFixture.with { fixture in
            try turnOn(fixture)
            // The process of the patch that was staged just now.
            var record = try fixture.record(1)
            record.process = "p0"
            try fixture.store.add(record)
            try await fixture.watching {
                try await fixture.eventually { fixture.patch(1)?.state == .skipped }
                #expect(fixture.patch(1)?.sentence.contains("30 minutes") == true)
            }
        }
    }

    @Test func `crashes wait for autofix, for the next server too, but no more than sixteen`()
        async throws
    {
        try await GitFixture.with { fixture in
            try turnOn(fixture)
            try fixture.replaceGit(
                """
                case "$*" in
                *" worktree "*) wait_for "$FOLDER/gate" ;;
                esac
                """
            )
            let gate = fixture.root.removingLastComponent().appending("gate")
            // An earlier server has left them.
            let numbers = 1...18
            for number in numbers { try fixture.store.add(fixture.record(number, .waiting)) }
            func count(_ state: CrashPatch.State) -> Int {
                numbers.count { fixture.patch($0)?.state == state }
            }
            try await fixture.watching {
                try await fixture.eventually { count(.skipped) == 2 && count(.working) == 1 }
                #expect(fixture.patch(2)?.sentence.contains("More than 16") == true)
                #expect(fixture.patch(3)?.state == .working)
                Task {
                    try await Task.sleep(for: .milliseconds(300))
                    try AtomicFile.write([], to: gate)
                }
            }
            #expect(count(.waiting) == 15 && count(.working) == 1)
            var settings = try fixture.store.settings()
            settings.autofix = nil
            try fixture.store.write(settings)
            try await fixture.watching {
                try await fixture.eventually { count(.skipped) == 17 && count(.failed) == 1 }
                // This server runs none; an earlier one's work goes on by its own settings.
                #expect(fixture.patch(3)?.sentence.contains("runs no jobs") == true)
                #expect(fixture.patch(18)?.sentence.contains("turned off") == true)
            }
            #expect(fixture.store.workFolders().isEmpty)
        }
    }
}
