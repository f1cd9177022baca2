import Foundation
import Testing

extension EndToEnd {
    @Suite struct LANTests {}
}

extension EndToEnd.LANTests {
    /// A proxy in LAN mode whose address is loopback's: the test's machine may have no other.
    private func start(_ sandbox: Sandbox, _ avahi: FakeAvahi, _ more: String...) async throws {
        let start = try await sandbox.start(
            [Binary.path, "proxy", "start", "--lan", "--ip", "127.0.0.1"] + more,
            environment: avahi.environment,
        ).finished()
        #expect(start.status == 0, "\(start.talk)")
    }

    private func local(_ sandbox: Sandbox, _ name: String) -> String {
        "https://\(name).local:\(sandbox.port)"
    }

    private func curl(_ sandbox: Sandbox, _ name: String) async throws -> Sandbox.Response {
        let place = "\(name).local:\(sandbox.port):127.0.0.1"
        return try await sandbox.curl(local(sandbox, name), "--resolve", place)
    }

    @Test func `an app is published for as long as it runs, beside its other names`() async throws {
        try await Sandbox.with { sandbox in
            let avahi = try FakeAvahi(sandbox)
            try await start(sandbox, avahi, "--tld", "test")
            #expect(sandbox.stateFile("proxy.lan") == "127.0.0.1")
            #expect(sandbox.stateFile("proxy.tlds") == "local\ntest\n")
            let app = try sandbox.startPortless("shop", "node", Apps.path("node-http.js"))
            let process = try await avahi.wait(for: "published shop.local 127.0.0.1")
            try await app.waitForTalk("LAN -> \(local(sandbox, "shop"))")
            let body = try await eventually("an answer") {
                let answer = try? await curl(sandbox, "shop")
                return answer?.status == 200 ? answer?.body : nil
            }
            #expect(body.contains(#""PORTLESS_LAN":"1""#))
            #expect(body.contains(#""HOST":"127.0.0.1""#))
            let other = "https://shop.test:\(sandbox.port)"
            let place = "shop.test:\(sandbox.port):127.0.0.1"
            #expect(try await sandbox.curl(other, "--resolve", place).status == 200)

            try await eventually("published in the list") {
                let list = try await sandbox.portless("list").output
                return list.contains("lan: published at 127.0.0.1") ? () : nil
            }
            let qr = try await sandbox.portless("qr", "shop", "--json")
            #expect(qr.output.contains(local(sandbox, "shop")))
            #expect(qr.output.contains(#""reach": "lan""#), "\(qr.output)")
            let picture = try await sandbox.portless("qr", "shop")
            #expect(picture.output.contains("▀"))
            #expect(picture.output.contains(local(sandbox, "shop")))

            app.send(SIGTERM)
            _ = try await app.finished()
            try await avahi.wait(for: "withdrawn shop.local 127.0.0.1")
            try await eventually("it ends") { ProcessTable.exists(process) ? nil : () }
            try await sandbox.portless("proxy", "stop")
            for file in ["proxy.lan", "proxy.mdns.json", "proxy.tlds"] {
                #expect(sandbox.stateFile(file) == "", "\(file)")
            }
        }
    }

    @Test func `a name that can't be published is told, and tried again`() async throws {
        try await Sandbox.with { sandbox in
            let avahi = try FakeAvahi(sandbox)
            try avahi.set("dies")
            try await start(sandbox, avahi)
            _ = try sandbox.startPortless("shop", "node", Apps.path("node-http.js"))
            try await eventually("the reason in the list") {
                let list = try await sandbox.portless("list").output
                return list.contains("lan: not published: Failed to create client object: Daemon")
                    ? () : nil
            }
            let doctor = try await sandbox.portless("doctor", environment: avahi.environment)
            #expect(doctor.output.contains("shop.local isn't published"), "\(doctor.output)")
            try avahi.unset("dies")
            try await avahi.wait(for: "published shop.local 127.0.0.1")

            try avahi.set("collides")
            _ = try sandbox.startPortless("blog", "node", Apps.path("node-http.js"))
            try await eventually("the collision in the list") {
                let list = try await sandbox.portless("list").output
                return list.contains("not published: Another computer has the name.") ? () : nil
            }
        }
    }

    @Test func `publishers end with their parents and come back, however those were killed`()
        async throws
    {
        try await Sandbox.with { sandbox in
            let avahi = try FakeAvahi(sandbox)
            try await start(sandbox, avahi)
            _ = try sandbox.startPortless("shop", "node", Apps.path("node-http.js"))
            let event = "published shop.local 127.0.0.1"
            var process = try await avahi.wait(for: event)
            // Itself; then the process that owns it; then the proxy; then the proxy's holder.
            kill(process, SIGKILL)
            process = try await replaced(process, avahi, event, 2)
            kill(try #require(ProcessTable.parent(of: process)), SIGKILL)
            process = try await replaced(process, avahi, event, 3)
            kill(try #require(sandbox.proxyDaemonID), SIGKILL)
            process = try await replaced(process, avahi, event, 4)
            let restart = try await sandbox.portless("proxy", "restart")
            #expect(restart.status == 0)
            process = try await replaced(process, avahi, event, 5)
            kill(try #require(sandbox.proxyID), SIGKILL)
            try await eventually("the last one ends") { ProcessTable.exists(process) ? nil : () }
        }
    }

    private func replaced(
        _ process: Int32,
        _ avahi: FakeAvahi,
        _ event: String,
        _ times: Int,
    ) async throws -> Int32 {
        let next = try await avahi.wait(for: event, times: times)
        try await eventually("\(process) ends") { ProcessTable.exists(process) ? nil : () }
        return next
    }

    @Test func `what can't be is refused, and no app is published by accident`() async throws {
        try await Sandbox.with { sandbox in
            let without = ["PATH": sandbox.root.path()]
            let start = try await sandbox.portless(
                "proxy",
                "start",
                "--lan",
                "--ip",
                "127.0.0.1",
                environment: without,
            )
            #expect(start.status == 1)
            #expect(start.talk.contains("LAN mode requires mDNS publishing"))
            #expect(start.talk.contains("avahi-publish-address not found"))
            let address = try await sandbox.portless("proxy", "start", "--ip", "nowhere")
            #expect(address.status == 1)
            #expect(address.talk.contains("Invalid address \"nowhere\""))

            let avahi = try FakeAvahi(sandbox)
            try await sandbox.portless("proxy", "start")
            let app = try await sandbox.portless(
                "shop",
                "--lan",
                "true",
                environment: avahi.environment,
            )
            #expect(app.status == 1)
            #expect(app.talk.contains("requested LAN mode"), "\(app.talk)")
            _ = try sandbox.startPortless("blog", "node", Apps.path("node-http.js"))
            try await sandbox.answer(sandbox.url("blog"))
            let qr = try await sandbox.portless("qr", "blog")
            #expect(qr.status == 1)
            #expect(qr.talk.contains("reached from this machine only"))
            #expect(avahi.log.isEmpty)
        }
    }

    @Test func `a phone gets the authority while the command runs`() async throws {
        try await Sandbox.with { sandbox in
            let trust = try sandbox.startPortless("trust", "--phone", "--ip", "127.0.0.1")
            try await trust.waitForTalk("Ctrl-C ends it")
            let url = try #require(
                trust.output.split(separator: "\n").last { $0.hasPrefix("http://127.0.0.1:") }
            )
            let page = try await sandbox.curl(String(url), "-A", "iPhone")
            #expect(page.status == 200)
            #expect(page.body.contains("portless.mobileconfig"))
            let file = try await sandbox.curl("\(url)portless-ca.pem")
            #expect(file.body.contains("BEGIN CERTIFICATE"))
            #expect(!file.body.contains("PRIVATE"))
            let origin = url.split(separator: "/").prefix(2).joined(separator: "//")
            for path in ["/", "/ca.pem", "/x/portless-ca.pem"] {
                #expect(try await sandbox.curl(origin + path).status == 404)
            }
            trust.send(SIGINT)
            #expect(try await trust.finished().status == 0)
            await #expect(throws: (any Error).self) { try await sandbox.curl(String(url)) }

            let short = try await sandbox.portless(
                "trust",
                "--phone",
                "--ip",
                "127.0.0.1",
                "--timeout",
                "1",
            )
            #expect(short.status == 0)
        }
    }
}
