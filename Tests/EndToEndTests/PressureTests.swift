import Foundation
import Testing

extension EndToEnd {
    /// The machine runs out of something: the proxy does less for a while, and never dies.
    @Suite struct PressureTests {}
}

extension EndToEnd.PressureTests {
    /// A name that leads nowhere: each request for it is a line in the log.
    private func addDeadName(_ sandbox: Sandbox) async throws {
        try await sandbox.portless("alias", "dead", String(try FreePort.next()))
    }

    private func ask(_ name: String, _ sandbox: Sandbox) async throws -> Int {
        let result = try await sandbox.start([
            "curl", "-ksS", "--noproxy", "*", "-o", "/dev/null", "-w", "%{http_code}",
            sandbox.url(name),
        ]).finished()
        return Int(result.output) ?? 0
    }

    @Test func `the log turns over, and the proxy writes on in the new one`() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("proxy", "start")
            try await addDeadName(sandbox)
            let proxy = try #require(sandbox.proxyDaemonID)
            let log = sandbox.state.appending(path: "proxy.log")
            for round in ["first", "second"] {
                let handle = try FileHandle(forWritingTo: log)
                try handle.seekToEnd()
                try handle.write(contentsOf: Data("\(round)\n".utf8))
                try handle.write(contentsOf: Data(repeating: UInt8(ascii: "."), count: 6 << 20))
                try handle.close()
                #expect(try await ask("dead", sandbox) == 502)
                let text = try await eventually("the new log has the line") {
                    let text = sandbox.stateFile("proxy.log")
                    return text.contains("dead.localhost") ? text : nil
                }
                #expect(text.utf8.count < 10_000)
                #expect(sandbox.stateFile("proxy.log.1").contains("\(round)\n"))
            }
            #expect(!sandbox.stateFile("proxy.log.1").contains("first\n"))
            // What isn't a line of ours, such as a crash's last words, goes there as well.
            let output = try await sandbox.run(
                "readlink",
                "/proc/\(proxy)/fd/1",
                "/proc/\(proxy)/fd/2",
            )
            #expect(output == "\(log.path())\n\(log.path())\n")
            let logs = try FileManager.default.contentsOfDirectory(atPath: sandbox.state.path())
                .filter { $0.hasPrefix("proxy.log") }
            #expect(logs.sorted() == ["proxy.log", "proxy.log.1"])
        }
    }

    @Test(.enabled(if: PrivateMachine.isPossible, "only root can make a small disk"))
    func `a full disk costs lines of the log and nothing else`() async throws {
        try await Sandbox.with { sandbox in
            try FileManager.default.createDirectory(
                at: sandbox.state,
                withIntermediateDirectories: true,
            )
            let disk = sandbox.state.path()
            try await sandbox.run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk)
            defer { unmount(disk) }
            try await sandbox.portless("proxy", "start")
            try await addDeadName(sandbox)
            let port = try FreePort.next()
            try await sandbox.portless("alias", "alive", String(port))
            _ = try sandbox.start([
                "python3", "-m", "http.server", "--bind", "127.0.0.1", String(port),
            ])
            try await eventually("the app answers") {
                try await ask("alive", sandbox) == 200 ? () : nil
            }
            let proxy = sandbox.proxyDaemonID

            let filler = sandbox.state.appending(path: "filler").path()
            let filling = try await sandbox.start(["dd", "if=/dev/zero", "of=\(filler)"]).finished()
            #expect(filling.talk.contains("No space left"))
            for _ in 0..<50 { #expect(try await ask("dead", sandbox) == 502) }
            #expect(try await ask("alive", sandbox) == 200)
            // What can't be recorded is refused, and takes nothing with it.
            let alias = try await sandbox.portless("alias", "more", "5000")
            #expect(alias.status == 1)
            #expect(try await ask("alive", sandbox) == 200)
            let before = sandbox.stateFile("proxy.log").count

            try FileManager.default.removeItem(atPath: filler)
            #expect(try await ask("dead", sandbox) == 502)
            try await eventually("the log goes on") {
                sandbox.stateFile("proxy.log").count > before ? () : nil
            }
            #expect(sandbox.proxyDaemonID == proxy)
            let list = try await sandbox.portless("list")
            #expect(list.output.contains("alive.localhost"))
            try await sandbox.portless("proxy", "stop")
        }
    }

    @Test func `a crowd of silent clients takes no descriptor that others need`() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.run(
                "sh",
                "-c",
                "ulimit -n 64; exec \"$0\" proxy start",
                Binary.path,
            )
            let port = try FreePort.next()
            try await sandbox.portless("alias", "alive", String(port))
            _ = try sandbox.start([
                "python3", "-m", "http.server", "--bind", "127.0.0.1", String(port),
            ])
            try await eventually("the app answers") {
                try await ask("alive", sandbox) == 200 ? () : nil
            }
            let proxy = try #require(sandbox.proxyDaemonID)
            #expect(try limit(of: proxy) == "64")

            let crowd = try sandbox.start([
                "python3", Apps.path("hold-connections.py"), String(sandbox.port), "120",
            ])
            try await eventually("they are connected; \(crowd.talk)") {
                crowd.output == "held\n" ? () : nil
            }
            let before = try processorTime(of: proxy)
            for _ in 0..<3 { #expect(try await ask("alive", sandbox) == 200) }
            let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(proxy)/fd")
            #expect(open.count < 62, "files can still be opened")
            let spent = try processorTime(of: proxy) - before
            #expect(spent < 1, "the proxy was busy for \(spent) s")
            let lines = sandbox.stateFile("proxy.log").split(separator: "\n")
            #expect(lines.count { $0.contains("limit of open files") } == 1)

            crowd.send(SIGKILL)
            #expect(try await ask("alive", sandbox) == 200)
            #expect(sandbox.proxyDaemonID == proxy)
        }
    }

    private func limit(of process: Int32) throws -> String? {
        let limits = try String(contentsOfFile: "/proc/\(process)/limits", encoding: .utf8)
        let line = limits.split(separator: "\n").first { $0.hasPrefix("Max open files") }
        return line?.split(separator: " ").dropFirst(3).first.map(String.init)
    }

    /// The seconds that a process has been running on a processor.
    private func processorTime(of process: Int32) throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        try #require(fields.count > 12)
        let ticks = (Double(fields[11]) ?? 0) + (Double(fields[12]) ?? 0)
        return ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private func unmount(_ disk: String) {
        #if canImport(Glibc)
        _ = umount2(disk, 2)
        #endif
    }
}
