import Foundation
import Testing

extension EndToEnd {
    /// Addresses beyond this machine, by programs that stand for Tailscale, ngrok and cloudflared.
    @Suite struct SharingTests {}
}

extension EndToEnd.SharingTests {
    private static let ngrok = "https://1f2e-203-0-113-7.ngrok-free.app"
    private static let cloudflare = "https://buffalo-marco-cardiff-motel.trycloudflare.com"

    private func startEcho(
        _ sandbox: Sandbox,
        _ sharing: FakeSharing,
        _ flags: String...,
    ) async throws -> Program {
        let run = try sandbox.start(
            [Binary.path] + flags + ["shop", "node", Apps.path("node-http.js")],
            environment: sharing.environment,
        )
        try await sandbox.answer(sandbox.url("shop"))
        return run
    }

    private func isShared(_ sandbox: Sandbox) -> Bool {
        sandbox.stateFile("shares.json").contains("shop.localhost")
    }

    /// Nothing of any tunnel is left.
    private func expectNothingShared(_ sandbox: Sandbox, _ sharing: FakeSharing) async throws {
        try await eventually("nothing is shared: \(sandbox.stateFile("shares.json"))") {
            let isLeft =
                isShared(sandbox) || sharing.text("serve.json").contains("Proxy")
                || ["ngrok", "cloudflared"].contains { !sharing.processes($0).isEmpty }
            return isLeft ? nil : ()
        }
    }

    // MARK: Runs

    @Test func `a run is shared by all services, says so everywhere, and ends them`() async throws {
        try await Sandbox.with { sandbox in
            let sharing = try FakeSharing(sandbox)
            let flags = ["--funnel", "--ngrok", "--cloudflare"]
            let run = try await startEcho(sandbox, sharing, flags[0], flags[1], flags[2])
            for line in [
                "  Funnel (public) -> https://box.tail1234.ts.net\n",
                "  ngrok -> \(Self.ngrok)\n", "  Cloudflare -> \(Self.cloudflare)\n",
            ] {
                #expect(run.talk.contains(line))
            }
            let echo = try Echo(await sandbox.answer(sandbox.url("shop")))
            #expect(echo.environment["PORTLESS_TAILSCALE_URL"] == "https://box.tail1234.ts.net")
            #expect(echo.environment["PORTLESS_NGROK_URL"] == Self.ngrok)
            #expect(echo.environment["PORTLESS_CLOUDFLARE_URL"] == Self.cloudflare)
            let port = try #require(echo.environment["PORT"])
            #expect(
                sharing.text("ngrok-arguments").hasSuffix(
                    "shop.localhost\nhttp://127.0.0.1:\(port)"
                )
            )
            let routes = sandbox.stateFile("routes.json")
            for field in ["tailscaleUrl", "tailscaleHttpsPort", "tailscaleFunnel", "ngrokPid"]
                + ["ngrokUrl", "cloudflareUrl", "cloudflarePid"]
            {
                #expect(routes.contains("\"\(field)\""))
            }
            let list = try await sandbox.portless("list")
            #expect(list.output.contains("    funnel: https://box.tail1234.ts.net\n"))
            #expect(list.output.contains("    ngrok: \(Self.ngrok)\n"))
            let doctor = try await sandbox.portless("doctor")
            #expect(doctor.output.contains("shop.localhost is public"))
            run.send(SIGINT)
            #expect(try await run.finished().status == 130)
            try await expectNothingShared(sandbox, sharing)
        }
    }

    @Test func `what a killed run has shared is taken back by its guardian`() async throws {
        try await Sandbox.with { sandbox in
            let sharing = try FakeSharing(sandbox)
            let run = try await startEcho(sandbox, sharing, "--tailscale", "--ngrok")
            run.send(SIGKILL)
            try await expectNothingShared(sandbox, sharing)
        }
    }

    @Test func `what a crash of everything has left is taken back by prune`() async throws {
        try await Sandbox.with { sandbox in
            let sharing = try FakeSharing(sandbox)
            let run = try await startEcho(sandbox, sharing, "--tailscale", "--ngrok")
            for process in ProcessTable.all
            where process.environment.contains(sandbox.state.path())
                && process.arguments.contains("__guardian")
            {
                kill(process.id, SIGKILL)
            }
            run.send(SIGKILL)
            try await run.finished()
            #expect(!sharing.processes("ngrok").isEmpty)
            // Another change of the routes drops the entry, but not what is known of the share.
            try await sandbox.portless("alias", "db", "5432")
            #expect(isShared(sandbox))
            let prune = try await sandbox.portless("prune", environment: sharing.environment)
            #expect(prune.output.contains("no longer shared by Tailscale"))
            try await expectNothingShared(sandbox, sharing)
        }
    }

    @Test func `a tunnel that ends by itself is told of and cleared`() async throws {
        try await Sandbox.with { sandbox in
            let sharing = try FakeSharing(sandbox)
            try sharing.set("cloudflared", "dies")
            let run = try await startEcho(sandbox, sharing, "--cloudflare")
            try await run.waitForTalk("cloudflared has ended: Failed to serve tunnel connection")
            try await eventually("the route is cleared") {
                sandbox.stateFile("routes.json").contains("cloudflareUrl") ? nil : ()
            }
            #expect(try await sandbox.curl(sandbox.url("shop")).status == 200)
        }
    }

    @Test(arguments: [
        ("--ngrok", "ngrok", "no-token", "ngrok config add-authtoken"),
        ("--ngrok", "ngrok", "broken", "ngrok doesn't work"),
        ("--cloudflare", "cloudflared", "limited", "try again in some minutes"),
        ("--tailscale", "tailscale", "stopped", "tailscale up"),
        ("--tailscale", "tailscale", "no-https", "HTTPS is off"),
        ("--tailscale", "tailscale", "denied", "--operator=$USER"),
        (
            "--funnel", "tailscale", "no-funnel",
            "https://login.tailscale.com/f/funnel?node=n1234CNTRL",
        ),
    ])
    func `what can't be shared isn't started`(
        flag: String,
        program: String,
        mood: String,
        words: String,
    ) async throws {
        try await Sandbox.with { sandbox in
            let sharing = try FakeSharing(sandbox)
            try sharing.set(program, mood)
            let run = try await sandbox.portless(
                flag,
                "shop",
                "touch",
                "started",
                environment: sharing.environment,
            )
            #expect(run.status == 1)
            #expect(run.talk.contains(words), "\(run.talk)")
            let started = sandbox.project.appending(path: "started").path()
            #expect(!FileManager.default.fileExists(atPath: started))
            #expect(["", "[]"].contains(sandbox.stateFile("routes.json")))
            try await expectNothingShared(sandbox, sharing)
        }
    }

    @Test func `without the program nothing is started at all`() async throws {
        try await Sandbox.with { sandbox in
            let sharing = try FakeSharing(sandbox, without: ["ngrok"])
            let run = try await sandbox.portless(
                "shop",
                "--ngrok",
                "true",
                environment: sharing.environment,
            )
            #expect(run.status == 1)
            #expect(run.talk.contains("ngrok CLI not found"))
            #expect(sandbox.proxyID == nil)
        }
    }

    @Test func `Ctrl-C ends the waiting for a tunnel`() async throws {
        try await Sandbox.with { sandbox in
            let sharing = try FakeSharing(sandbox)
            try sharing.set("ngrok", "offline")
            let run = try sandbox.startPortless(
                "--ngrok",
                "shop",
                "true",
                environment: sharing.environment,
            )
            try await run.waitForTalk("Waiting for ngrok's address")
            run.send(SIGINT)
            #expect(try await run.finished().status == 130)
            try await expectNothingShared(sandbox, sharing)
        }
    }

    // MARK: portless share

    /// Where the requests of strangers come in, as cloudflared was told.
    private func gate(_ sharing: FakeSharing) async throws -> String {
        try await eventually("the tunnel is told where to lead") {
            sharing.text("cloudflared-arguments").split(separator: "\n").last.map(String.init)
        }
    }

    @Test func `strangers reach the shared app alone, with its password`() async throws {
        try await Sandbox.with { sandbox in
            let sharing = try FakeSharing(sandbox)
            _ = try await startEcho(sandbox, sharing)
            _ = try sandbox.startPortless("other", "node", Apps.path("node-http.js"), "other")
            try await sandbox.answer(sandbox.url("other"))
            let share = try sandbox.startPortless(
                "share",
                "shop",
                "--cloudflare",
                "--password",
                environment: sharing.environment,
            )
            try await share.waitForTalk("Ctrl-C ends it")
            #expect(share.output == "\(Self.cloudflare)\n")
            let line = try #require(
                share.talk.split(separator: "\n").first { $0.hasPrefix("Password: ") }
            )
            let password = String(line.dropFirst("Password: ".count))
            let gate = try await gate(sharing)
            // Neither the app nor a page of ours, whatever Host says.
            for host in ["shop.localhost", "other.localhost", "127.0.0.1", "x.invalid"] {
                for path in ["/", "/.portless/hosts-sync", "/api/apps"] {
                    let answer = try await sandbox.curl(gate + path, "-H", "Host: \(host)")
                    #expect(answer.status == 401)
                    #expect(!answer.body.contains("localhost"))
                }
            }
            #expect(try await sandbox.curl(gate, "-u", "x:wrong").status == 401)
            for host in ["shop.localhost", "other.localhost"] {
                let answer = try await sandbox.curl(
                    gate,
                    "-u",
                    "x:\(password)",
                    "-H",
                    "Host: \(host)",
                )
                let echo = try Echo(answer.body)
                #expect(echo.arguments.isEmpty)
                #expect(echo.headers["host"] == "shop.localhost")
                #expect(echo.headers["authorization"] == nil)
            }
            let list = try await sandbox.portless("list")
            #expect(list.output.contains("cloudflare: \(Self.cloudflare)\n      with a password\n"))
            for file in ["routes.json", "shares.json", "proxy.log"] {
                #expect(!sandbox.stateFile(file).contains(password))
            }
            share.send(SIGINT)
            #expect(try await share.finished().status == 0)
            try await expectNothingShared(sandbox, sharing)
            #expect(!sandbox.stateFile("routes.json").contains("cloudflare"))
            #expect(try await sandbox.curl(sandbox.url("shop")).status == 200)
        }
    }

    @Test func `a WebSocket needs the password, too`() async throws {
        try await Sandbox.with { sandbox in
            let sharing = try FakeSharing(sandbox)
            _ = try sandbox.startPortless("shop", "node", Apps.path("websocket-server.js"))
            try await sandbox.answer(sandbox.url("shop"))
            try sandbox.write("sesame-open\n", to: "password")
            let share = try sandbox.startPortless(
                "share",
                "shop",
                "--cloudflare",
                "--password-file",
                "password",
                environment: sharing.environment,
            )
            try await share.waitForTalk("Ctrl-C ends it")
            let gate = try await gate(sharing).replacing("http://", with: "")
            for (user, passes) in [("", false), ("x:wrong@", false), ("x:sesame-open@", true)] {
                let client = try await sandbox.start([
                    "python3", Apps.path("websocket-client.py"), "ws://\(user)\(gate)/",
                    sandbox.authority,
                ]).finished()
                #expect(client.output.contains("echoed") == passes, "\(client.talk)")
            }
        }
    }

    @Test func `a share in the background is listed, and ends on demand`() async throws {
        try await Sandbox.with { sandbox in
            let sharing = try FakeSharing(sandbox)
            _ = try await startEcho(sandbox, sharing)
            let share = try await sandbox.portless(
                "share",
                "shop",
                "--ngrok",
                "--ttl",
                "1h",
                "--detach",
                environment: sharing.environment,
            )
            #expect(share.status == 0, "\(share.talk)")
            #expect(share.output == "\(Self.ngrok)\n")
            let list = try await sandbox.portless("share", "--list")
            #expect(list.output.contains("shop.localhost  ngrok    public"))
            let again = try await sandbox.portless(
                "share",
                "shop",
                "--ngrok",
                environment: sharing.environment,
            )
            #expect(again.status == 1 && again.talk.contains("shared by ngrok already"))
            let stop = try await sandbox.portless("share", "--stop", "shop")
            #expect(stop.status == 0, "\(stop.talk)")
            try await expectNothingShared(sandbox, sharing)
        }
    }

    @Test func `a share ends when its time is over, and with its app`() async throws {
        try await Sandbox.with { sandbox in
            let sharing = try FakeSharing(sandbox)
            let run = try await startEcho(sandbox, sharing)
            let short = try await sandbox.portless(
                "share",
                "shop",
                "--tailscale",
                "--ttl",
                "2s",
                environment: sharing.environment,
            )
            #expect(short.status == 0 && short.talk.contains("The time is over"))
            let long = try sandbox.startPortless(
                "share",
                "shop",
                "--tailscale",
                environment: sharing.environment,
            )
            try await long.waitForTalk("Ctrl-C ends it")
            run.send(SIGTERM)
            try await long.waitForTalk("shop.localhost has ended")
            #expect(try await long.finished().status == 0)
            try await expectNothingShared(sandbox, sharing)
        }
    }

    @Test func `clean takes back what is shared`() async throws {
        try await Sandbox.with { sandbox in
            let sharing = try FakeSharing(sandbox)
            _ = try await startEcho(sandbox, sharing, "--tailscale")
            let share = try await sandbox.portless(
                "share",
                "shop",
                "--cloudflare",
                "--detach",
                environment: sharing.environment,
            )
            #expect(share.status == 0, "\(share.talk)")
            let clean = try await sandbox.portless("clean", environment: sharing.environment)
            #expect(clean.status == 0, "\(clean.talk)")
            try await expectNothingShared(sandbox, sharing)
            #expect(sandbox.stateFile("shares.json").isEmpty)
        }
    }
}
