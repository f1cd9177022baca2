import NIOCore
import NIOHPACK
import NIOHTTP2
import PortlessCore
import Testing

@testable import Proxy

@Suite(.timeLimit(.minutes(1))) struct PathRoutingTests {
    /// An app that answers with its name and the head that it got.
    private func mirror(_ name: String) -> ScriptedUpstream {
        ScriptedUpstream({ connection, _ in
            while true {
                let head = try await connection.read(until: "\r\n\r\n")
                let body = "\(name) \(head)"
                let length = body.utf8.count
                if head.contains("upgrade: websocket") || head.contains("Upgrade: websocket") {
                    try await connection.send(
                        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n"
                            + "connection: Upgrade\r\nx-target: \(head.split(separator: " ")[1])\r\n"
                            + "sec-websocket-accept: \(Self.accept(head))\r\n\r\n\(name)"
                    )
                } else {
                    try await connection.send(
                        "HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\n\r\n\(body)"
                    )
                }
            }
        })
    }

    private static func accept(_ head: String) -> String {
        let key = head.split(separator: "\r\n")
            .first { $0.lowercased().hasPrefix("sec-websocket-key:") }?
            .split(separator: " ").last
        return WebSocketHandshake.accept(for: String(key ?? ""))
    }

    private func withApps<Result: Sendable>(
        certificates: (any CertificateSource)? = nil,
        hasRoot: Bool = true,
        _ body: (_ port: Int) async throws -> Result,
    ) async throws -> Result {
        try await mirror("root").run { root, _ in
            try await mirror("api").run { api, _ in
                let host = try #require(Hostname("app.localhost"))
                var routes = [
                    Route(
                        hostname: host,
                        path: try RoutePath(parsing: "/api"),
                        port: try #require(Port(api)),
                        owner: .alias,
                    ),
                    Route(
                        hostname: host,
                        path: try RoutePath(parsing: "/cut", isStripped: true),
                        port: try #require(Port(api)),
                        owner: .alias,
                    ),
                ]
                if hasRoot {
                    routes.append(
                        Route(hostname: host, port: try #require(Port(root)), owner: .alias)
                    )
                }
                return try await withProxy(
                    routes: TestRoutes(routes),
                    certificates: certificates,
                    body,
                )
            }
        }
    }

    private func get(
        _ target: String,
        _ fields: String = "",
        method: String = "GET",
        port: Int,
    ) async throws -> (head: String, body: String) {
        try await RawConnection.with(port: port) { client in
            try await client.send(
                "\(method) \(target) HTTP/1.1\r\nHost: app.localhost\r\n\(fields)\r\n"
            )
            return try await client.readResponse()
        }
    }

    @Test func `the longest prefix gets the request as it came`() async throws {
        try await withApps { port in
            for target in ["/api", "/api/", "/api/x?y=/..", "/api/a%2Fb", "http://x/api"] {
                let host = target.hasPrefix("http") ? "http://app.localhost/api" : target
                let sent = target.hasPrefix("http") ? "/api" : target
                let body = try await get(host, port: port).body
                #expect(body.hasPrefix("api GET \(sent) HTTP/1.1\r\n"))
                #expect(!body.contains("x-forwarded-prefix"))
            }
            for target in ["/", "/apix", "/?/api", "http://app.localhost"] {
                #expect(try await get(target, port: port).body.hasPrefix("root GET /"))
            }
            let options = try await get("*", method: "OPTIONS", port: port)
            #expect(options.body.hasPrefix("root OPTIONS * HTTP/1.1"))
        }
    }

    @Test(arguments: [
        ("/cut", "/"), ("/cut/", "/"), ("/cut?x", "/?x"), ("/cut/a/b?x", "/a/b?x"),
        ("http://app.localhost/cut/a", "/a"),
    ])
    func `a stripped prefix is told by a field, which no client can set`(
        target: String,
        received: String,
    ) async throws {
        try await withApps { port in
            let fields = "x-A: b\r\nX-Forwarded-Prefix: /evil\r\nx-C: d\r\n"
            let body = try await get(target, fields, port: port).body
            #expect(body.hasPrefix("api GET \(received) HTTP/1.1\r\n"))
            #expect(body.contains("\r\nx-A: b\r\n") && body.contains("\r\nx-C: d\r\n"))
            #expect(body.contains("\r\nx-forwarded-prefix: /cut\r\n"))
            #expect(!body.contains("/evil"))
        }
    }

    @Test(arguments: ["/x/../api", "//api", "/%61pi", "/api/../x", "/cut//evil.example"])
    func `a path with two meanings is passed on to none`(target: String) async throws {
        try await withApps { port in
            let answer = try await get(target, port: port)
            #expect(answer.head.hasPrefix("HTTP/1.1 400 "))
        }
    }

    @Test func `other paths of a host get a page with those that it has`() async throws {
        try await withApps(hasRoot: false) { port in
            let text = try await get("/other", port: port)
            #expect(text.head.hasPrefix("HTTP/1.1 404 "))
            #expect(text.body.contains("only /api, /cut"))
            let page = try await get("/", "accept: text/html\r\n", port: port).body
            #expect(page.contains("href=\"http://app.localhost:1355/api\""))
        }
    }

    @Test func `WebSockets go by the path, too`() async throws {
        try await withApps { port in
            for (target, name, received) in [
                ("/api/ws", "api", "/api/ws"), ("/cut/ws", "api", "/ws"), ("/ws", "root", "/ws"),
            ] {
                try await RawConnection.with(port: port) { client in
                    try await client.send(
                        "GET \(target) HTTP/1.1\r\nHost: app.localhost\r\nUpgrade: websocket\r\n"
                            + "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                            + "Sec-WebSocket-Version: 13\r\n\r\n"
                    )
                    let head = try await client.read(until: "\r\n\r\n")
                    #expect(head.contains("101") && head.contains("x-target: \(received)\r\n"))
                    #expect(try await client.read(until: name).hasSuffix(name))
                }
            }
        }
    }

    @Test func `HTTP/2 and its WebSockets go by the path`() async throws {
        try await withApps(certificates: TestCertificate()) { port in
            try await HTTP2Client.with(port: port) { client in
                try await client.request(1, path: "/api/x")
                #expect(try await client.response(on: 1).text.hasPrefix("api GET /api/x HTTP/1.1"))
                let evil = [("x-forwarded-prefix", "/evil")]
                try await client.request(3, evil, path: "/cut?x")
                let cut = try await client.response(on: 3).text
                #expect(cut.hasPrefix("api GET /?x HTTP/1.1"))
                #expect(cut.contains("x-forwarded-prefix: /cut\r\n") && !cut.contains("/evil"))
                try await client.request(5, path: "/x/../api")
                #expect(try await client.response(on: 5).status == "400")
                try await client.request(7, path: "/")
                #expect(try await client.response(on: 7).text.hasPrefix("root GET / "))
                try await client.request(
                    9,
                    [(":protocol", "websocket"), ("sec-websocket-version", "13")],
                    method: "CONNECT",
                    path: "/cut/ws",
                    endStream: false,
                )
                guard case .headers(let frame) = try await client.frame(on: 9) else {
                    Issue.record("no answer to the handshake")
                    return
                }
                #expect(frame.headers.first(name: ":status") == "200")
                #expect(frame.headers.first(name: "x-target") == "/ws")
            }
        }
    }
}
