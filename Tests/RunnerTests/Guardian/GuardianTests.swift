import HostSystem
import SystemPackage
import TestSupport
import Testing

@testable import Runner

@Suite(.timeLimit(.minutes(1)))
struct GuardianTests {
    @Test func `when the command is killed, no descendant survives`() throws {
        try TemporaryDirectory.with { directory in
            let marker = directory.appending("cleaned")
            // One in the child's group, one in a session of its own, one that doesn't want to go.
            let script = """
                sleep 600 & echo $!
                perl -MPOSIX=setsid -e 'setsid; exec @ARGV' sleep 600 & echo $!
                (trap '' TERM; echo $(exec sh -c 'echo $PPID'); while :; do sleep 600; done) &
                echo $$
                wait
                """
            let run = try start(script, marker: marker)
            let pids = try (0..<4).map { _ in
                try #require(try run.readLine().flatMap { Int32($0) })
            }
            let children = pids.flatMap { ProcessTree.current().descendants(of: $0) }.map(\.pid)
            run.process.send(.kill)
            #expect(try run.process.wait() == .signalled(.kill))
            waitUntil { isThere(marker) }
            for pid in pids + children { #expect(ProcessIdentity.of(pid: pid) == nil) }
        }
    }

    @Test func `a stopped child is ended too`() throws {
        try TemporaryDirectory.with { directory in
            let marker = directory.appending("cleaned")
            let run = try start("echo $$; kill -STOP $$", marker: marker)
            let pid = try #require(try run.readLine().flatMap { Int32($0) })
            run.process.send(.kill)
            _ = try run.process.wait()
            waitUntil { isThere(marker) }
            #expect(ProcessIdentity.of(pid: pid) == nil)
        }
    }

    @Test func `when the command ends in order, nothing is cleaned up`() throws {
        try TemporaryDirectory.with { directory in
            let marker = directory.appending("cleaned")
            let run = try start("echo $PPID; read line", marker: marker)
            let command = try #require(try run.readLine().flatMap { Int32($0) })
            let guardian = try #require(
                ProcessTree.current().descendants(of: command)
                    .first { ProcessDetails.commandLine(of: $0.pid)?.contains("guardian") == true }
            )
            run.process.send(.terminate)
            _ = try run.process.wait()
            waitUntil { !guardian.isAlive }
            #expect(!isThere(marker))
        }
    }

    @Test func `a guardian does not listen to signals meant for the command`() throws {
        try TemporaryDirectory.with { directory in
            let marker = directory.appending("cleaned")
            let run = try start("echo $PPID; read line", marker: marker)
            let command = try #require(try run.readLine().flatMap { Int32($0) })
            let guardian = try #require(
                ProcessTree.current().descendants(of: command)
                    .first { ProcessDetails.commandLine(of: $0.pid)?.contains("guardian") == true }
            )
            for signal in [Signal.hangUp, .interrupt, .terminate] { guardian.send(signal) }
            #expect(guardian.isAlive)
            run.process.send(.kill)
            _ = try run.process.wait()
            waitUntil { isThere(marker) }
        }
    }

    @Test func `a command killed before it has a child is cleaned up after`() throws {
        try TemporaryDirectory.with { directory in
            let marker = directory.appending("cleaned")
            let link = try Guardian.spawn(
                executable: TestToolPath.path,
                arguments: ["guardian", marker.string],
                environment: [:],
            )
            try link.announcement.close()
            #expect(try link.process.wait() == .exited(0))
            #expect(isThere(marker))
        }
    }

    private func isThere(_ path: FilePath) -> Bool {
        (try? AtomicFile.read(path)) != nil
    }

    private func start(_ script: String, marker: FilePath) throws -> Captured {
        let pipe = try Pipe()
        defer { try? pipe.reading.close() }
        var spawn = Spawn(
            executable: TestToolPath.path,
            arguments: ["run", marker.string, "sh", "-c", script],
            environment: ["PATH": "/usr/bin:/bin"],
        )
        // An input that never ends: the writing end stays open in this process.
        spawn.standardInput = pipe.reading
        return try Captured(spawn)
    }
}
