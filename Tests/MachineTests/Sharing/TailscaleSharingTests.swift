import PortlessCore
import Synchronization
import Testing

@testable import Machine

@Suite struct TailscaleSharingTests {
    private static let status = #"""
        {"BackendState":"Running","Self":{"ID":"n1","DNSName":"box.ts.net.","CapMap":
        {"https":null,"funnel":null}}}
        """#

    private func share() throws -> ShareRecord {
        let hostname = try #require(Hostname("shop.localhost"))
        return ShareRecord(hostname: hostname, provider: .tailscale, port: 4123)
    }

    private func runner(
        serving: String = "null",
        _ answer: @escaping @Sendable (Command) -> CommandResult = { _ in .success },
    ) -> ScriptedCommandRunner {
        ScriptedCommandRunner(programs: ["tailscale"]) { command throws(CommandError) in
            switch command.arguments.first {
            case "version": CommandResult(exitCode: 0, output: "1.80.3\n")
            case "status": CommandResult(exitCode: 0, output: Self.status)
            case "serve" where command.arguments.dropFirst().first == "status":
                CommandResult(exitCode: 0, output: serving)
            default: answer(command)
            }
        }
    }

    @Test func `serve gets the first free port, noted before Tailscale is asked`() async throws {
        let runner = runner(serving: #"{"TCP":{"443":{}}}"#)
        let open = try await TailscaleSharing(.tailscale, runner: runner).open(share()) { record in
            #expect(record.httpsPort == 8443)
            #expect(!runner.lines.contains { $0.contains("--bg") })
        }
        #expect(open.record.url == "https://box.ts.net:8443")
        #expect(
            runner.lines.last == "tailscale serve --bg --yes --https=8443 http://127.0.0.1:4123"
        )
    }

    @Test func `a port that is in use after all is followed by the next, three times`() async throws
    {
        let runner = runner { _ in
            CommandResult(exitCode: 1, errorOutput: "port is already in use")
        }
        await #expect(throws: SharingError.self) {
            try await TailscaleSharing(.funnel, runner: runner).open(share()) { _ in }
        }
        let asked = runner.lines.filter { $0.contains("--bg") }
        #expect(asked.map { $0.contains("tailscale funnel") } == [true, true, true])
        #expect(
            asked.map { $0.split(separator: " ")[4] } == [
                "--https=443", "--https=8443", "--https=10000",
            ]
        )
    }

    @Test func `a port that another share has noted is passed over`() async throws {
        let runner = runner()
        let open = try await TailscaleSharing(.tailscale, runner: runner).open(share()) { record in
            if record.httpsPort == 443 { throw SharesStore.Failure.portTaken(443) }
        }
        #expect(open.record.httpsPort == 8443)
    }

    @Test func `a registration without an answer is taken back`() async throws {
        let runner = ScriptedCommandRunner(programs: ["tailscale"]) {
            command throws(CommandError) in
            switch command.arguments.first {
            case "version": return .success
            case "status": return CommandResult(exitCode: 0, output: Self.status)
            default: break
            }
            if command.arguments.contains("--bg") { throw .timedOut(command) }
            guard command.arguments.contains("status") else { return .success }
            return CommandResult(
                exitCode: 0,
                output: #"{"Web":{"b:443":{"Handlers":{"/":{"Proxy":"http://127.0.0.1:4123"}}}}}"#,
            )
        }
        await #expect(throws: SharingError.self) {
            try await TailscaleSharing(.tailscale, runner: runner).open(share()) { record in
                if record.httpsPort != 8443 { throw SharesStore.Failure.portTaken(443) }
            }
        }
        // 443 leads to the app, but 8443 was asked for: what isn't ours stays.
        #expect(!runner.lines.contains { $0.hasSuffix("off") })
        await #expect(throws: SharingError.self) {
            try await TailscaleSharing(.tailscale, runner: runner).open(share()) { record in
                if record.httpsPort == 8443 { throw SharesStore.Failure.portTaken(443) }
            }
        }
    }

    @Test func `only what still leads to our port is switched off`() async throws {
        var record = try share()
        record.httpsPort = 443
        let web = #"{"Web":{"b:443":{"Handlers":{"/":{"Proxy":"http://127.0.0.1:PORT"}}}}}"#
        let ours = runner(serving: web.replacing("PORT", with: "4123"))
        try await TailscaleSharing(.tailscale, runner: ours).close(record)
        #expect(ours.lines.last == "tailscale serve --yes --https=443 off")
        let others = runner(serving: web.replacing("PORT", with: "3000"))
        try await TailscaleSharing(.tailscale, runner: others).close(record)
        #expect(others.lines.count == 1)
    }

    @Test func `a missing operator has its remedy`() async throws {
        let runner = runner { _ in
            CommandResult(
                exitCode: 1,
                errorOutput: """
                    sending serve config: Access denied: serve config denied

                    Use 'sudo tailscale serve --bg 3000'.
                    """,
            )
        }
        let error = await #expect(throws: SharingError.self) {
            try await TailscaleSharing(.tailscale, runner: runner).open(share()) { _ in }
        }
        #expect(error?.sentence.hasSuffix("Access denied: serve config denied.") == true)
        #expect(error?.remedy.contains("--operator=$USER") == true)
    }

    @Test func `without the tool it says how to get it`() async throws {
        let runner = ScriptedCommandRunner(programs: []) { _ throws(CommandError) in nil }
        for provider in [SharingProvider.tailscale, .funnel] {
            let error = await #expect(throws: SharingError.self) {
                try await TailscaleSharing(provider, runner: runner).checkReadiness()
            }
            #expect(error?.sentence == "Tailscale CLI not found.")
        }
        let error = await #expect(throws: SharingError.self) {
            try await TunnelSharing(.ngrok, runner: runner, environment: [:]).checkReadiness()
        }
        #expect(error?.sentence == "ngrok CLI not found.")
    }

    @Test func `tunnels are told the app's own name`() throws {
        #expect(
            TunnelSharing.arguments(.ngrok, try share()) == [
                "http", "--log=stdout", "--log-format=logfmt", "--host-header=shop.localhost",
                "http://127.0.0.1:4123",
            ]
        )
        #expect(
            TunnelSharing.arguments(.cloudflare, try share()) == [
                "tunnel", "--no-autoupdate", "--http-host-header", "shop.localhost", "--url",
                "http://127.0.0.1:4123",
            ]
        )
    }
}
