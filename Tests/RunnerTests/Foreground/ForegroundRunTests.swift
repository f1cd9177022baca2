import HostSystem
import SystemPackage
import TestSupport
import Testing

@testable import Runner

/// Runs the test tool, because signals belong to a whole process.
@Suite(.timeLimit(.minutes(1)))
struct ForegroundRunTests {
    @Test(
        arguments: [("exit 7", 7), ("kill -TERM $$", 143), ("exec nonexistent", 127)]
            as [(String, Int32)]
    )
    func `the end is the child's`(script: String, code: Int32) throws {
        let run = try start("exec 2>/dev/null; " + script)
        #expect(try run.process.wait() == .exited(code))
        #expect(try run.readAll().isEmpty)
    }

    @Test(arguments: [Signal.interrupt, .terminate, .hangUp, .user1])
    func `a signal to us reaches the child, which is awaited`(signal: Signal) throws {
        let trap = "trap 'echo got; exit 9' INT TERM HUP USR1"
        let run = try start("\(trap); echo ready; while :; do sleep 0.01; done")
        #expect(try run.readLine() == "ready")
        run.process.send(signal)
        #expect(try run.readLine() == "got")
        #expect(try run.process.wait() == .exited(9))
    }

    @Test func `what the child leaves of its group is ended`() throws {
        let run = try start("sleep 600 & echo $!")
        let pid = try #require(try run.readLine().flatMap { Int32($0) })
        #expect(try run.process.wait() == .exited(0))
        #expect(ProcessIdentity.of(pid: pid) == nil)
    }

    @Test func `a daemon that a failed command leaves is ended`() throws {
        let daemon = """
            $| = 1; exit if fork; setsid; exit if fork; print "$$\\n"; close STDOUT; sleep 600
            """
        let run = try start("perl -MPOSIX=setsid -e '\(daemon)'; sleep 0.5; exit 3")
        let pid = try #require(try run.readLine().flatMap { Int32($0) })
        #expect(try run.process.wait() == .exited(3))
        #expect(ProcessIdentity.of(pid: pid) == nil)
    }

    @Test func `a child of our parent's nohup still ignores the hang-up`() throws {
        let tool = TestToolPath.path
        let spawn = Spawn(
            executable: "/bin/sh",
            arguments: ["-c", "trap '' HUP; exec \(tool) run /x sh -c 'kill -HUP $$; echo alive'"],
            environment: ["PATH": "/usr/bin:/bin"],
        )
        #expect(try Captured.output(of: spawn) == "alive")
    }

    /// A shell without job control starts `… &` so.
    @Test(arguments: [Signal.interrupt, .quit, .terminate])
    func `a request to end counts where the shell has had it ignored`(signal: Signal) throws {
        let number = signal.rawValue
        let run = try Captured(
            Spawn(
                executable: "/bin/sh",
                arguments: [
                    "-c",
                    """
                    trap '' INT QUIT TERM
                    exec \(TestToolPath.path) run /x sh -c \
                      "trap 'echo got; exit 9' \(number); echo ready; while :; do sleep 0.01; done"
                    """,
                ],
                environment: ["PATH": "/usr/bin:/bin"],
            )
        )
        #expect(try run.readLine() == "ready")
        run.process.send(signal)
        #expect(try run.readLine() == "got")
        #expect(try run.process.wait() == .exited(9))
    }

    private func start(_ script: String) throws -> Captured {
        try Captured(
            Spawn(
                executable: TestToolPath.path,
                arguments: ["run", "/nonexistent/marker", "sh", "-c", script],
                environment: ["PATH": "/usr/bin:/bin"],
            )
        )
    }
}
