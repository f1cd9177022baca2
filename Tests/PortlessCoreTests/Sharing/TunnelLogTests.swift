import Testing

@testable import PortlessCore

/// Most lines are what the programs have really written, as people quoted it in bug reports.
@Suite struct TunnelLogTests {
    private func log(_ provider: SharingProvider, _ lines: String...) -> TunnelLog {
        var log = TunnelLog(provider)
        for line in lines { log.take(line) }
        return log
    }

    // MARK: ngrok

    @Test func `the address is that of the started tunnel`() {
        let log = log(
            .ngrok,
            #"t=2024-05-01T10:00:00+0000 lvl=info msg="starting web service" obj=web addr=127.0.0.1:4040"#,
            #"t=2024-05-01T10:00:01+0000 lvl=info msg="started tunnel" obj=tunnels name=command_line addr=http://127.0.0.1:4123 url=https://1f2e.ngrok-free.app"#,
        )
        #expect(log.url?.description == "https://1f2e.ngrok-free.app")
        #expect(log.isConnected)
    }

    @Test(arguments: [
        "Forwarding                    https://f5291e35.ngrok.io -> http://localhost:3001",
        #"lvl=info msg=x "url":"https://f5291e35.ngrok.io","proto":"https""#,
        "started tunnel https://f5291e35.ngrok.io",
    ])
    func `older forms tell it, too`(line: String) {
        #expect(log(.ngrok, line).url?.description == "https://f5291e35.ngrok.io")
    }

    @Test(arguments: [
        // The service's own pages.
        "url=https://dashboard.ngrok.com/signup", "Forwarding https://ngrok.com",
        // Not announced.
        "lvl=info msg=open https://1f2e.ngrok-free.app",
        "url=" + String(repeating: " ", count: 81) + "https://1f2e.ngrok-free.app",
        // No address that strangers have.
        "url=https://other.localhost", "url=https://localhost:3000", "url=https://192.168.1.1",
        "url=http://1f2e.ngrok-free.app", "url=https://", "url=https://a..b", "url=https://x_y.app",
        "url=https://a.app:99999",
    ])
    func `other links are no addresses`(line: String) {
        #expect(log(.ngrok, line).url == nil)
    }

    @Test func `the announcement may stand on the line before`() {
        #expect(log(.ngrok, "Forwarding", "  https://a.ngrok.app").url?.port == nil)
        #expect(log(.ngrok, "Forwarding", "  https://a.ngrok.app").url != nil)
    }

    @Test func `a missing token is the account's fault`() {
        let log = log(
            .ngrok,
            #"t=2021-09-24T23:20:55-0400 lvl=eror msg="failed to auth" obj=tunnels.session err="The authtoken you specified does not look like a proper ngrok tunnel authtoken.\nYour authtoken: 1yaP\r\n\r\nERR_NGROK_105\r\n""#,
        )
        #expect(log.refusesAccount)
        #expect(
            log.complaint
                == "The authtoken you specified does not look like a proper ngrok tunnel authtoken."
        )
    }

    @Test func `a second session is told in ngrok's words`() {
        let log = log(
            .ngrok,
            "ERROR:  authentication failed: Your account is limited to 1 simultaneous ngrok agent sessions.",
            "ERROR:  ",
        )
        #expect(log.complaint?.contains("limited to 1 simultaneous") == true)
    }

    // MARK: cloudflared

    @Test func `the address stands in a box, and the tunnel connects later`() {
        var log = log(
            .cloudflare,
            "2023-04-18T14:06:46Z INF Requesting new quick Tunnel on trycloudflare.com...",
            "2023-04-18T14:06:49Z INF +--------------------------------------------------------------------------------------------+",
            "2023-04-18T14:06:49Z INF |  Your quick Tunnel has been created! Visit it at (it may take some time to be reachable):  |",
            "2023-04-18T14:06:49Z INF |  https://buffalo-marco-cardiff-motel.trycloudflare.com                                     |",
        )
        #expect(log.url?.description == "https://buffalo-marco-cardiff-motel.trycloudflare.com")
        #expect(!log.isConnected)
        log.take(
            "2023-04-18T14:06:50Z INF Registered tunnel connection connIndex=0 ip=198.41.200.1"
        )
        #expect(log.isConnected)
    }

    @Test(arguments: [
        #"failed to request quick Tunnel: Post "https://api.trycloudflare.com/tunnel": dial tcp: lookup api.trycloudflare.com on 127.0.0.11:53: no such host"#,
        #"2026-05-29T09:25:34Z ERR Error unmarshaling QuickTunnel response: error code: 1015 error="invalid character 'e' looking for beginning of value" status_code="429 Too Many Requests""#,
        "failed to parse quick Tunnel ID: invalid UUID length: 0",
    ])
    func `a refusal is told in its words, and its links are no addresses`(line: String) {
        let log = log(.cloudflare, line)
        #expect(log.url == nil)
        #expect(log.complaint != nil)
        #expect(log.complaint.map(line.contains) == true)
    }

    @Test(arguments: [
        "https://a.b.trycloudflare.com", "https://trycloudflare.com.evil.com",
        "https://trycloudflare.com", "https://evil.com/https.trycloudflare.com",
    ])
    func `only a name of one label below the service's is an address`(text: String) {
        #expect(log(.cloudflare, "INF |  \(text)  |").url == nil)
    }

    @Test func `what has no sense or no end does no harm`() {
        var log = TunnelLog(.ngrok)
        for line in ["", "\u{0}\u{1B}[2J", "lvl=", "lvl=eror", "lvl=eror err=", #"lvl=eror err=""#]
            + [String(repeating: "https://", count: 10_000), "lvl=eror err=\"\\"]
        {
            log.take(line)
        }
        log.take("lvl=eror err=" + String(repeating: "x", count: 100_000))
        #expect(log.url == nil)
        #expect((log.complaint?.count ?? 0) <= 300)
    }
}

@Suite struct SharedURLTests {
    @Test func `the standard port is left out`() {
        #expect(
            SharedURL("https://Box.tail.ts.net:443/x?y")?.description == "https://box.tail.ts.net"
        )
        #expect(
            SharedURL("https://box.tail.ts.net:8443")?.description == "https://box.tail.ts.net:8443"
        )
    }

    @Test(arguments: [
        "http://a.b", "https://user:x@a.b", "https://a", "https://[::1]", "https://127.0.0.1",
        "https://shop.localhost", "https://shop.local", "https://a.b:0", "https://a.b:1:2", "",
    ])
    func `what could lead to this machine is refused`(text: String) {
        #expect(SharedURL(text) == nil)
    }
}
