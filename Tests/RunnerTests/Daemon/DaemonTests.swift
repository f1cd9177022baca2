import HostSystem
import SystemPackage
import TestSupport
import Testing

@testable import Runner

@Suite(.timeLimit(.minutes(1)))
struct DaemonTests {
    @Test func `a daemon writes behind its log and reads nothing`() throws {
        try TemporaryDirectory.with { directory in
            let log = directory.appending("proxy.log")
            try AtomicFile.write("before\n".utf8, to: log)
            let script = "cat; echo out; echo err >&2; ps -o sid= -p $$ | tr -d ' '"
            let daemon = Daemon(
                executable: "/bin/sh",
                arguments: ["-c", script],
                environment: ["PATH": "/usr/bin:/bin"],
                log: log,
            )
            let process = try daemon.spawn()
            #expect(try process.wait() == .exited(0))
            let text = String(decoding: try AtomicFile.read(log), as: UTF8.self)
            #expect(text == "before\nout\nerr\n\(process.pid)\n")
        }
    }

    @Test func `a log that can't be written is an error that names it`() throws {
        let daemon = Daemon(
            executable: "/bin/true",
            arguments: [],
            environment: [:],
            log: "/nonexistent/proxy.log",
        )
        let error = #expect(throws: SystemError.self) { try daemon.spawn() }
        #expect(error?.path == "/nonexistent/proxy.log")
    }
}
