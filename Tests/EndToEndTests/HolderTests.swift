import Foundation
import Testing

extension EndToEnd {
    /// The daemons die, and their users notice nothing.
    @Suite struct HolderTests {}
}

extension EndToEnd.HolderTests {
    private func daemon(_ sandbox: Sandbox, other than: Int32? = nil) async throws -> Int32 {
        try await eventually("a proxy serves under the holder") {
            sandbox.proxyDaemonID.flatMap { $0 != than && ProcessTable.exists($0) ? $0 : nil }
        }
    }

    private func status(_ sandbox: Sandbox, _ port: Int) async throws -> String {
        try await sandbox.start([
            "curl", "-ksS", "--noproxy", "*", "-o", "/dev/null", "-w", "%{http_code}",
            "--max-time", "20", "http://127.0.0.1:\(port)/",
        ]).finished().output
    }

    private func descriptors(of process: Int32) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count
    }

    @Test(arguments: [SIGKILL, SIGSEGV])
    func `a proxy that dies comes back on the same sockets`(signal: Int32) async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("proxy", "start", "--no-tls")
            let holder = try #require(sandbox.proxyID)
            let first = try await daemon(sandbox)
            let before = try descriptors(of: holder)
            var last = first
            // The fifth within a minute would be the last one.
            for _ in 0..<4 {
                kill(last, signal)
                // Sent at once: the connection waits in the queue of the socket.
                #expect(try await status(sandbox, sandbox.port) == "404")
                last = try await daemon(sandbox, other: last)
            }
            #expect(sandbox.proxyID == holder)
            try await eventually("the holder has no more open files than before") {
                try descriptors(of: holder) == before ? () : nil
            }
            #expect(ProcessTable.children(of: holder) == [last])
            let name = signal == SIGKILL ? "SIGKILL" : "SIGSEGV"
            let log = sandbox.stateFile("proxy.log")
            #expect(log.contains("(PID \(first)) died by \(name). It is started again."), "\(log)")
            let doctor = try await sandbox.portless("doctor")
            #expect(doctor.output.contains("died by \(name)"), "\(doctor.output)")

            // And that is the fifth.
            kill(last, signal)
            try await eventually("the holder gives up") {
                ProcessTable.exists(holder) ? nil : ()
            }
            #expect(sandbox.stateFile("proxy.log").contains("too often"))
            #expect(sandbox.stateFile("proxy.pid") == "")
            let given = try await sandbox.portless("doctor")
            #expect(given.output.contains("too often"), "\(given.output)")
            #expect(try await sandbox.portless("proxy", "start", "--no-tls").status == 0)
            #expect(try await status(sandbox, sandbox.port) == "404")
        }
    }

    @Test func `a holder that is killed takes its proxy along, and the next command starts both`()
        async throws
    {
        try await Sandbox.with { sandbox in
            for _ in 0..<3 {
                let start = try await sandbox.portless("proxy", "start", "--no-tls")
                #expect(start.status == 0, "\(start.talk)")
                #expect(start.output.contains("started"))
                let (holder, proxy) = (try #require(sandbox.proxyID), try await daemon(sandbox))
                kill(holder, SIGKILL)
                try await eventually("the proxy ends") { ProcessTable.exists(proxy) ? nil : () }
            }
        }
    }

    @Test func `a holder that is killed frees the port for the command that follows at once`()
        async throws
    {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("proxy", "start", "--no-tls")
            // The proxy without a holder goes on for a moment, which not every round meets.
            for _ in 0..<10 {
                let holder = try #require(sandbox.proxyID)
                kill(holder, SIGKILL)
                try await eventually("the holder is gone") {
                    ProcessTable.exists(holder) ? nil : ()
                }
                let start = try await sandbox.portless("proxy", "start", "--no-tls")
                #expect(start.status == 0, "\(start.talk)")
                #expect(try await status(sandbox, sandbox.port) == "404")
            }
        }
    }

    @Test(arguments: [true, false])
    func `a stop and a start in one line always work`(isKilled: Bool) async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("proxy", "start", "--no-tls")
            let line = #""$0" proxy stop && "$0" proxy start --no-tls"#
            for _ in 0..<5 {
                if isKilled { kill(try #require(sandbox.proxyID), SIGKILL) }
                let both = try await sandbox.start(["sh", "-c", line, Binary.path]).finished()
                #expect(both.status == 0, "\(both.talk)")
                #expect(both.output.contains("HTTP proxy started on port \(sandbox.port)"))
            }
        }
    }

    /// A holder that gives up takes its names away first, and its sockets and its lock last.
    @Test(arguments: ["proxy", "server"])
    func `a start waits for a holder that is about to end`(kind: String) async throws {
        try await Sandbox.with { sandbox in
            let holder = try sandbox.start([
                "python3", "-c",
                """
                import fcntl, os, socket, sys, time
                state, kind, port = sys.argv[1:]
                os.makedirs(state)
                lock = open(f"{state}/{kind}.holder.lock", "w")
                fcntl.flock(lock, fcntl.LOCK_EX)
                listener = socket.create_server(("127.0.0.1", int(port)))
                print("held", flush=True)
                time.sleep(1)
                """,
                sandbox.state.path(), kind,
                String(kind == "proxy" ? sandbox.port : sandbox.apiPort),
            ])
            try await eventually("the holder is there") { holder.output == "held\n" ? () : nil }
            let start = try await sandbox.portless(kind, "start")
            #expect(start.status == 0, "\(start.talk)")
            #expect(sandbox.stateFile("proxy.port") == (kind == "proxy" ? "\(sandbox.port)" : ""))
            #expect(sandbox.server?.port == (kind == "server" ? sandbox.apiPort : nil))
        }
    }

    @Test func `a server that dies comes back, and its commands and apps notice nothing`()
        async throws
    {
        try await Sandbox.with { sandbox in
            try sandbox.write("web: sleep 1000\n", to: "Procfile")
            try await sandbox.portless("up")
            let holder = try #require(sandbox.server?.pid)
            let app = try await sandbox.portless("ps", "--json")
            for _ in 0..<3 {
                let server = try #require(ProcessTable.children(of: holder).first)
                kill(server, SIGKILL)
                let ps = try await sandbox.portless("ps", "--json")
                #expect(ps.status == 0, "\(ps.talk)")
                #expect(ps.output.contains("\"online\"") || ps.output == app.output)
                let health = try await sandbox.curl(sandbox.api("/api/health"))
                #expect(health.status == 200)
                #expect(sandbox.server?.pid == holder)
            }
            #expect(sandbox.stateFile("server.log").contains("died by SIGKILL"))
            try await sandbox.portless("down")
        }
    }

    /// A page that it shares with others counts by its share.
    @Test(.disabled(if: Binary.isDebugBuild, "users don't run a debug build"))
    func `a holder takes less than two mebibytes of its own`() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("proxy", "start")
            _ = try await daemon(sandbox)
            let holder = try #require(sandbox.proxyID)
            var size = 0
            try await eventually("the holder has become small: \(size) KiB") {
                let rollup = try String(
                    contentsOfFile: "/proc/\(holder)/smaps_rollup",
                    encoding: .utf8,
                )
                let line = rollup.split(separator: "\n").first { $0.hasPrefix("Pss:") }
                size = try #require(line.flatMap { Int($0.filter(\.isNumber)) })
                return size < 2048 ? () : nil
            }
        }
    }

    @Test func `SIGTERM ends holder and proxy, and nothing is left`() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("proxy", "start", "--no-tls")
            let (holder, proxy) = (try #require(sandbox.proxyID), try await daemon(sandbox))
            kill(holder, SIGTERM)
            try await eventually("both end") {
                ProcessTable.exists(holder) || ProcessTable.exists(proxy) ? nil : ()
            }
            #expect(sandbox.stateFile("proxy.pid") == "")
            let socket = sandbox.state.appending(path: "proxy.holder.sock").path()
            #expect(!FileManager.default.fileExists(atPath: socket))
        }
    }
}
