import Foundation
import Testing

extension EndToEnd {
    /// The server's certificate, by Tailscale.
    @Suite struct ServerCertificateTests {}
}

extension EndToEnd.ServerCertificateTests {
    @Test func `a certificate of Tailscale's makes it HTTPS at once`() async throws {
        try await Sandbox.with { sandbox in
            let tailscale = try FakeTailscale(sandbox)
            try await sandbox.startServer()
            try await provision(sandbox, tailscale)
            #expect(sandbox.server?.tls == true)
            #expect(sandbox.server?.mirrorPort == sandbox.mirrorPort)
            #expect(try await health(sandbox, tailscale).contains(#""scheme":"https""#))
            let mirror = try await sandbox.curl(
                sandbox.api("/api/health", port: sandbox.mirrorPort)
            )
            #expect(mirror.body.contains(#""scheme":"http""#))
        }
    }

    @Test func `a certificate near its end is renewed, and served without a restart`() async throws
    {
        try await Sandbox.with { sandbox in
            let tailscale = try FakeTailscale(sandbox)
            try tailscale.give(days: 20)
            try await provision(sandbox, tailscale)
            let old = sandbox.stateFile("certs/cert.pem")
            try tailscale.give(days: 90)
            try await start(sandbox, tailscale)
            try await eventually("it is renewed: \(sandbox.stateFile("server.log"))") {
                sandbox.stateFile("certs/cert.pem") == old ? nil : ()
            }
            // Its only root is the new certificate, which signs itself.
            try await eventually("the new one is served") {
                let answer = try? await health(sandbox, tailscale)
                return answer?.contains(#""scheme":"https""#) == true ? () : nil
            }
            try await eventually("the log tells of it") {
                sandbox.stateFile("server.log").contains("certificate is renewed") ? () : nil
            }
            try await eventually("nothing is wrong") {
                try await sandbox.portless("server", "status").talk.isEmpty ? () : nil
            }
            #expect(tailscale.askedCount == 2)
            let left = try FileManager.default.contentsOfDirectory(
                atPath: sandbox.state.appending(path: "certs").path()
            )
            #expect(Set(left) == ["cert.pem", "key.pem", "meta.json"])
        }
    }

    @Test func `a renewal that fails is told once, and the old certificate stays`() async throws {
        try await Sandbox.with { sandbox in
            let tailscale = try FakeTailscale(sandbox)
            try tailscale.give(days: 20)
            try await provision(sandbox, tailscale)
            let files = ["cert.pem", "key.pem", "meta.json"].map { "certs/\($0)" }
            let old = files.map(sandbox.stateFile)
            try tailscale.set("fails")
            try await start(sandbox, tailscale)
            let complaint = "too many certificates"
            try await eventually("the status warns") {
                let status = try await sandbox.portless("server", "status")
                #expect(status.status == 0)
                return status.talk.contains(complaint) ? () : nil
            }
            let json = try await sandbox.portless("server", "status", "--json").output
            #expect(json.contains(complaint))
            let exposure = sandbox.api("/api/network-exposure/status", port: sandbox.mirrorPort)
            #expect(try await sandbox.curl(exposure).body.contains(complaint))
            #expect(files.map(sandbox.stateFile) == old)
            #expect(try await health(sandbox, tailscale).contains(#""scheme":"https""#))
            // Each look at the files would tell it again.
            let log = sandbox.stateFile("server.log")
            #expect(log.components(separatedBy: complaint).count == 2, "\(log)")

            // A certificate that the user got by hand is left alone.
            try tailscale.unset("fails")
            try tailscale.give(days: 90)
            try await provision(sandbox, tailscale)
            let status = try await sandbox.portless("server", "status")
            #expect(status.talk.isEmpty, "\(status.talk)")
        }
    }

    @Test func `Tailscale may hang, and the server answers and stops`() async throws {
        try await Sandbox.with { sandbox in
            let tailscale = try FakeTailscale(sandbox)
            try tailscale.give(days: 20)
            try await provision(sandbox, tailscale)
            try tailscale.set("hangs")
            try await start(sandbox, tailscale)
            let server = try #require(sandbox.server)
            try await eventually("it is asked") { tailscale.askedCount == 2 ? () : nil }
            #expect(try await health(sandbox, tailscale).contains(#""scheme":"https""#))
            let stop = try await sandbox.portless("server", "stop")
            #expect(stop.status == 0, "\(stop.talk)")
            #expect(!ProcessTable.exists(server.pid))
            // A server that had to be killed would leave them behind.
            let folder = tailscale.environment["FAKE_TAILSCALE"] ?? ""
            let left = ProcessTable.all.filter { $0.environment.contains(folder) }
            #expect(left.isEmpty, "\(left)")
        }
    }

    private func provision(_ sandbox: Sandbox, _ tailscale: FakeTailscale) async throws {
        let cert = try await sandbox.portless(
            "server",
            "cert",
            environment: tailscale.environment,
        )
        let sentence = "Tailscale gave a certificate for \(tailscale.name)"
        try #require(cert.output.contains(sentence), "\(cert.output)\(cert.talk)")
    }

    private func start(_ sandbox: Sandbox, _ tailscale: FakeTailscale) async throws {
        let start = try await sandbox.portless(
            "server",
            "start",
            environment: tailscale.environment,
        )
        try #require(start.status == 0, "\(start.talk)")
    }

    /// Asked by Tailscale's name; the certificate on the disk is the only one that is trusted.
    private func health(_ sandbox: Sandbox, _ tailscale: FakeTailscale) async throws -> String {
        try await sandbox.curl(
            "https://\(tailscale.name):\(sandbox.apiPort)/api/health",
            "--cacert",
            sandbox.state.appending(path: "certs/cert.pem").path(),
            "--resolve",
            "\(tailscale.name):\(sandbox.apiPort):127.0.0.1",
        ).body
    }
}
