import HostSystem
import SystemPackage
import TestSupport
import Testing

@testable import Machine

@Suite(.timeLimit(.minutes(1))) struct SystemCommandRunnerTests {
    private let runner = SystemCommandRunner(environment: ["PATH": "/usr/bin:/bin", "LANG": "x"])

    @Test func `a tool's answer comes with its exit code`() async throws {
        let command = Command("sh", ["-c", "echo out; echo \"err $LC_ALL\" >&2; exit 3"])
        let result = try await runner.run(command)
        #expect(result.exitCode == 3)
        #expect(result.output == "out\n")
        #expect(result.complaint == "out")
        #expect(result.errorOutput == "err C\n")
    }

    @Test func `a tool that isn't there is named`() async {
        await #expect(throws: CommandError.notFound(program: "no-such-tool")) {
            try await runner.run(Command("no-such-tool"))
        }
        #expect(!runner.has("no-such-tool"))
        #expect(runner.has("sh"))
    }

    @Test func `a tool that hangs is given up with all it has started`() async throws {
        try await TemporaryDirectory.with { directory in
            let pidFile = directory.appending("pid")
            // The grandchild keeps the pipe of the output open, as daemons of such tools do.
            let script = "sleep 600 & echo $! > \(pidFile); wait"
            let command = Command("sh", ["-c", script], timeLimit: .seconds(4))
            await #expect(throws: CommandError.timedOut(command)) {
                try await runner.run(command)
            }
            let text = String(decoding: try AtomicFile.read(pidFile), as: UTF8.self)
            let pid = try #require(Int32(text.dropLast()))
            let grandchild = ProcessIdentity.of(pid: pid)
            #expect(grandchild == nil || Self.isZombie(pid))
        }
    }

    @Test func `a tool that may not prompt has no terminal to ask at`() async throws {
        let command = Command("sh", ["-c", ": < /dev/tty && echo terminal; cat"])
        let result = try await runner.run(command)
        #expect(result.output == "")
    }

    /// Killed, but not yet reaped by init.
    private static func isZombie(_ pid: Int32) -> Bool {
        guard let content = try? AtomicFile.read(FilePath("/proc/\(pid)/stat")) else { return true }
        return String(decoding: content, as: UTF8.self).contains(") Z ")
    }
}
