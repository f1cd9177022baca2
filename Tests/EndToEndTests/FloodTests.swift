import Foundation
import Testing

extension EndToEnd {
    /// Clients that ask for much and read nothing cost the proxy a bounded amount of memory.
    @Suite struct FloodTests {}
}

extension EndToEnd.FloodTests {
    struct Flood: CustomTestStringConvertible {
        let kind: String
        let clients: Int

        var testDescription: String { "\(clients) clients: \(kind)" }
    }

    @Test(arguments: [
        Flood(kind: "pipeline", clients: 200), Flood(kind: "windows", clients: 20),
        Flood(kind: "unread", clients: 20), Flood(kind: "uploads", clients: 20),
    ])
    func `clients that read nothing take no memory that matters, and others are answered`(
        flood: Flood
    ) async throws {
        try await Sandbox.with { sandbox in
            let port = try FreePort.next()
            try await sandbox.portless("proxy", "start", "--no-tls")
            try await sandbox.portless("alias", "app", String(port))
            _ = try sandbox.start(
                ["python3", Apps.path("endless.py")],
                environment: ["PORT": String(port)],
            )
            try await eventually("the app answers") {
                try await ask(sandbox) == 200 ? () : nil
            }
            let proxy = try #require(sandbox.proxyDaemonID)
            let before = try await memory(of: proxy, sandbox)
            let clients = try sandbox.start([
                "python3", Apps.path("flood.py"), String(sandbox.port), "app.localhost",
                flood.kind, String(flood.clients),
            ])
            try await eventually("all clients have sent: \(clients.talk)", within: .seconds(60)) {
                clients.output == "held\n" ? () : nil
            }
            for _ in 0..<10 {
                #expect(try await ask(sandbox) == 200)
                let growth = try await memory(of: proxy, sandbox) - before
                #expect(growth < 64 * 1024, "\(growth) KiB more")
                try await Task.sleep(for: .milliseconds(100))
            }
            clients.send(SIGKILL)
            #expect(sandbox.proxyDaemonID == proxy)
        }
    }

    private func ask(_ sandbox: Sandbox) async throws -> Int {
        let result = try await sandbox.start([
            "curl", "-sS", "--noproxy", "*", "-o", "/dev/null", "-w", "%{http_code}",
            "-H", "Host: app.localhost", "http://127.0.0.1:\(sandbox.port)/",
        ]).finished()
        return Int(result.output) ?? 0
    }

    /// What the process has of its own and its share of the rest, in KiB.
    private func memory(of process: Int32, _ sandbox: Sandbox) async throws -> Int {
        let text = try await sandbox.run(
            "sh",
            "-c",
            "grep ^Pss: /proc/\(process)/smaps_rollup | tr -dc 0-9",
        )
        return try #require(Int(text))
    }
}
