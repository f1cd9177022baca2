import NIOCore
import PortlessCore
import Testing

@testable import Proxy

@Suite struct VisitorGateTests {
    private let now = NIODeadline.now()

    private func gate(_ password: String? = "open sesame") throws -> VisitorGate {
        let hostname = try #require(Hostname("app.localhost"))
        return VisitorGate(GateSettings(hostname: hostname, password: password))
    }

    private func basic(_ password: String) -> String {
        "Basic " + Base64.encode(Array("user:\(password)".utf8))
    }

    private func visit(_ change: (inout VisitorGate.Visit) -> Void = { _ in }) -> VisitorGate.Visit
    {
        var visit = VisitorGate.Visit()
        change(&visit)
        return visit
    }

    /// The status of the gate's own answer; nil where it lets the visitor in.
    private func status(_ verdict: VisitorGate.Verdict) -> Int? {
        if case .answer(let page) = verdict { page.status } else { nil }
    }

    private func cookie(_ gate: VisitorGate) throws -> String {
        let unlock = visit {
            $0.method = "POST"
            $0.path = VisitorGate.unlockPath
            $0.authorization = basic("open sesame")
        }
        guard case .answer(let page) = gate.judge(unlock, now: now) else { return "" }
        #expect(page.status == 200)
        let field = try #require(page.fields.first { $0.name == "set-cookie" }).value
        for attribute in ["; Path=/", "; HttpOnly", "; Secure", "; SameSite=Lax"] {
            #expect(field.contains(attribute))
        }
        let value = try #require(field.split(separator: ";").first)
        return String(value.dropFirst(VisitorGate.cookieName.count + 1))
    }

    @Test func `without a password everyone comes in`() throws {
        #expect(try status(gate(nil).judge(visit(), now: now)) == nil)
    }

    @Test func `programs are told how to send the password, browsers get a page`() throws {
        guard case .answer(let plain) = try gate().judge(visit(), now: now) else { return }
        #expect(plain.fields.contains { $0.name == "www-authenticate" })
        let browser = visit {
            $0.accept = "text/html,*/*"
            $0.isFromBrowser = true
        }
        guard case .answer(let page) = try gate().judge(browser, now: now) else { return }
        #expect(page.status == 401 && page.contentType.hasPrefix("text/html"))
        #expect(!page.fields.contains { $0.name == "www-authenticate" })
        #expect(!String(decoding: page.body, as: UTF8.self).contains("localhost"))
    }

    @Test func `the password lets in, and is taken out`() throws {
        let visit = visit { $0.authorization = basic("open sesame") }
        guard case .pass(let credential) = try gate().judge(visit, now: now) else {
            Issue.record("refused")
            return
        }
        #expect(credential.isAuthorization)
    }

    @Test(arguments: [
        "Basic", "Basic !!!", "Basic b3BlbiBzZXNhbWU=", "Bearer open sesame", "",
        "Basic " + String(repeating: "A", count: 5000),
    ])
    func `what is no password is none`(authorization: String) throws {
        let visit = visit { $0.authorization = authorization }
        #expect(try status(gate().judge(visit, now: now)) == 401)
    }

    @Test func `the cookie lets in, and is of this share only`() throws {
        let gate = try gate()
        let cookie = try cookie(gate)
        let other = try self.gate()
        for (value, expected) in [(cookie, nil), (cookie + "0", 401), ("", 401), (".", 401)] {
            let visit = visit { $0.cookies = [value] }
            #expect(status(gate.judge(visit, now: now)) == expected)
            #expect(status(other.judge(visit, now: now)) == 401)
        }
        // The app's own credentials pass beside it, whatever they are.
        let visit = visit {
            $0.cookies = ["x", cookie]
            $0.authorization = basic("the app's")
        }
        guard case .pass(let credential) = gate.judge(visit, now: now) else { return }
        #expect(!credential.isAuthorization)
        // The share's password beside the cookie is no less a secret; two fields are ambiguous.
        for ours in [basic("open sesame"), ""] {
            let both = self.visit {
                $0.cookies = [cookie]
                $0.authorization = ours
            }
            guard case .pass(let credential) = gate.judge(both, now: now) else {
                Issue.record("refused")
                return
            }
            #expect(credential.isAuthorization)
        }
    }

    @Test func `attempts are limited for each visitor`() throws {
        let gate = try gate()
        func attempt(_ password: String, from visitor: String, _ now: NIODeadline) -> Int? {
            let visit = visit {
                $0.authorization = basic(password)
                $0.lastForwardedFor = visitor
            }
            return status(gate.judge(visit, now: now))
        }
        for _ in 0..<5 { #expect(attempt("wrong", from: "203.0.113.7", now) == 401) }
        #expect(attempt("wrong", from: "203.0.113.7", now) == 429)
        // Even the right one doesn't tell that it is right.
        #expect(attempt("open sesame", from: "203.0.113.7", now) == 429)
        // What the visitor has put in front of its address changes nothing.
        #expect(attempt("wrong", from: "1.1.1.1, 203.0.113.7", now) == 429)
        #expect(attempt("open sesame", from: "203.0.113.8", now) == nil)
        #expect(attempt("open sesame", from: "203.0.113.7", now + .seconds(31)) == nil)
    }

    @Test func `addresses of one IPv6 network are one visitor`() {
        #expect(VisitorGate.visitor("2001:db8:1:2:3::4") == VisitorGate.visitor("2001:db8:1:2::9"))
        #expect(VisitorGate.visitor("2001:db8:1:2::9") != VisitorGate.visitor("2001:db8:1:3::9"))
        #expect(VisitorGate.visitor("1.2.3.4,  5.6.7.8") == "5.6.7.8")
        #expect(VisitorGate.visitor(nil).isEmpty)
    }

    @Test func `attempts of all together are limited, and so is what is remembered`() {
        var attempts = LoginAttempts()
        var now = now
        var count = 0
        for number in 0..<10_000 {
            let visitor = "10.0.\(number / 256).\(number % 256)"
            if attempts.wait(of: visitor, now: now) == nil {
                attempts.failed(visitor, now: now)
                count += 1
            }
            now = now + .milliseconds(10)
        }
        // 30 at once, and one each five seconds of the hundred.
        #expect((45...52).contains(count))
        #expect(attempts.rememberedCount < 70)
    }

    @Test func `after its time no visitor comes in`() throws {
        let hostname = try #require(Hostname("app.localhost"))
        let gate = VisitorGate(GateSettings(hostname: hostname, deadline: .now))
        #expect(status(gate.judge(visit(), now: now)) == 410)
    }

    // MARK: On the wire

    @Test func `every request leads to the app by its own name, without credentials`() async throws
    {
        try await ScriptedUpstream({ connection, _ in
            while true {
                let head = try await connection.read(until: "\r\n\r\n")
                try await connection.send(
                    "HTTP/1.1 200 OK\r\nContent-Length: \(head.utf8.count)\r\n\r\n\(head)"
                )
            }
        }).run { upstream, _ in
            let gate = try gate()
            let value = try cookie(gate)
            try await withProxy(routes: try appRoute(upstream), gate: gate.settings) { port in
                try await RawConnection.with(port: port) { client in
                    try await client.send(
                        """
                        GET http://other.localhost/x?y HTTP/1.1\r
                        Host: other.localhost\r
                        Cookie: a=1; \(VisitorGate.cookieName)=\(value); b=2\r
                        Authorization: Bearer app\r
                        X-Forwarded-Proto: https\r
                        \r\n
                        """
                    )
                    let head = try await client.readResponse().body
                    #expect(head.hasPrefix("GET /x?y HTTP/1.1\r\nHost: app.localhost\r\n"))
                    #expect(!head.contains(VisitorGate.cookieName))
                    #expect(head.contains("Cookie: a=1; b=2\r\n"))
                    #expect(head.contains("Authorization: Bearer app\r\n"))
                    #expect(head.contains("X-Forwarded-Host: other.localhost\r\n"))
                    #expect(head.contains("X-Forwarded-Proto: https\r\n"))
                    try await client.send(
                        """
                        GET / HTTP/1.1\r
                        Host: app.localhost\r
                        Authorization: \(basic("open sesame"))\r
                        \r\n
                        """
                    )
                    let second = try await client.readResponse().body
                    #expect(second.hasPrefix("GET / HTTP/1.1\r\nHost: app.localhost\r\n"))
                    #expect(!second.contains("uthorization"))
                }
            }
        }
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: app.localhost\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: app.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: app.localhost\r\nContent-Length: 3\r\n\r\nabc",
        "HEAD / HTTP/1.1\r\nHost: 127.0.0.1\r\nx-portless-hosts-sync-challenge: 0\r\n\r\n",
        "GET /.portless/hosts-sync HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nHost: \r\n\r\n",
        "GET http://app.localhost/ HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET //.portless/unlock HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /x/../.portless/unlock HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /.portless/unlock%2f HTTP/1.1\r\nHost: x\r\n\r\n",
        """
        GET / HTTP/1.1\r
        Host: app.localhost\r
        Connection: Upgrade, HTTP2-Settings\r
        Upgrade: h2c\r
        HTTP2-Settings: AAMAAABkAAQAAP__\r
        \r\n
        """,
        """
        POST / HTTP/1.1\r
        Host: app.localhost\r
        Transfer-Encoding: chunked\r
        \r
        0\r
        Authorization: Basic dXNlcjpvcGVuIHNlc2FtZQ==\r
        \r\n
        """,
    ])
    func `a stranger reaches neither app nor proxy`(request: String) async throws {
        try await ScriptedUpstream({ _, _ in
            Issue.record("the app was asked")
        }).run { upstream, _ in
            let settings = try gate().settings
            try await withProxy(routes: try appRoute(upstream), gate: settings) { port in
                try await RawConnection.with(port: port) { client in
                    try await client.send(request)
                    let head = try await client.read(until: "\r\n\r\n")
                    #expect(head.hasPrefix("HTTP/1.1 401 "), "\(head)")
                    #expect(!head.lowercased().contains("portless-version"))
                }
            }
        }
    }

    @Test(arguments: [
        // HTTP/2 with prior knowledge: the preface, settings, and GET / of app.localhost.
        Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
            + [0, 0, 18, 1, 5, 0, 0, 0, 1, 0x82, 0x84, 0x86, 0x01, 0x0D]
            + Array("app.localhost".utf8),
        // PostgreSQL's question for TLS, and TLS itself.
        [0, 0, 0, 8, 4, 210, 22, 47], [0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0],
    ])
    func `the gate speaks HTTP/1 alone`(bytes: [UInt8]) async throws {
        try await ScriptedUpstream({ _, _ in
            Issue.record("the app was asked")
        }).run { upstream, _ in
            let settings = try gate().settings
            try await withProxy(routes: try appRoute(upstream), gate: settings) { port in
                try await RawConnection.with(port: port) { client in
                    try await client.send(ByteBuffer(bytes: bytes))
                    let answer = await client.readToEnd()
                    #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 400 "), "\(answer)")
                }
            }
        }
    }

    @Test func `each request of a connection needs the password`() async throws {
        try await ScriptedUpstream({ connection, _ in
            while true {
                let head = try await connection.read(until: "\r\n\r\n")
                #expect(!head.contains("secret"))
                try await connection.send("HTTP/1.1 204 No Content\r\n\r\n")
            }
        }).run { upstream, _ in
            let settings = try gate().settings
            try await withProxy(routes: try appRoute(upstream), gate: settings) { port in
                try await RawConnection.with(port: port) { client in
                    try await client.send(
                        """
                        GET / HTTP/1.1\r
                        Host: x\r
                        Authorization: \(basic("open sesame"))\r
                        \r
                        GET /secret HTTP/1.1\r
                        Host: x\r
                        Connection: close\r
                        \r\n
                        """
                    )
                    let first = try await client.read(until: "\r\n\r\n")
                    #expect(first.hasPrefix("HTTP/1.1 204 "))
                    let second = try await client.read(until: "\r\n\r\n")
                    #expect(second.hasPrefix("HTTP/1.1 401 "))
                }
            }
        }
    }
}
