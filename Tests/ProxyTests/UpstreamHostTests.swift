import NIOHTTP2
import PortlessCore
import Testing

@testable import Proxy

/// Names whose upstream is another machine's proxy.
@Suite(.timeLimit(.minutes(1))) struct UpstreamHostTests {
    @Test(arguments: [
        ("app.box.localhost", "app.localhost"), ("app.box.localhost:1355", "app.localhost"),
        ("APP.Box.localhost", "app.localhost"), ("x.App.box.localhost:1", "x.app.localhost"),
        ("a.b.app.box.localhost", "a.b.app.localhost"), ("shared.example", "app.localhost"),
        ("xapp.box.localhost", "app.localhost"), ("", "app.localhost"),
    ])
    func `the upstream's name takes the place of ours`(authority: String, host: String) throws {
        let result = UpstreamHost.host(
            replacing: Array(authority.utf8).span,
            of: try #require(Hostname("app.box.localhost")),
            by: try #require(Hostname("app.localhost")),
        )
        #expect(String(decoding: result, as: UTF8.self) == host)
    }

    private func routes(_ port: Int) throws -> TestRoutes {
        func route(_ name: String, _ host: String) throws -> Route {
            let upstreamHost: Hostname = try #require(Hostname(host))
            return Route(
                hostname: try #require(Hostname(name)),
                port: try #require(Port(port)),
                owner: .alias,
                upstreamHost: upstreamHost,
            )
        }
        return TestRoutes([
            try route("app.box.localhost", "app.localhost"),
            try route("api.box.localhost", "api.localhost"),
        ])
    }

    /// Answers with the head that it got.
    private static let echo: ScriptedUpstream.Script = { connection, _ in
        while true {
            let head = try await connection.read(until: "\r\n\r\n")
            try await connection.send(
                "HTTP/1.1 200 OK\r\nContent-Length: \(head.utf8.count)\r\n\r\n\(head)"
            )
        }
    }

    @Test func `two names of one port keep their own hosts`() async throws {
        try await ScriptedUpstream(Self.echo).run { upstream, _ in
            try await withProxy(routes: try routes(upstream)) { port in
                try await RawConnection.with(port: port) { client in
                    for name in ["app", "api", "app"] {
                        try await client.send(
                            "GET / HTTP/1.1\r\nHost: \(name).box.localhost:1\r\n\r\n"
                        )
                        _ = try await client.read(until: "\r\n\r\n")
                        let head = try await client.read(until: "\r\n\r\n")
                        #expect(head.lowercased().contains("\r\nhost: \(name).localhost\r\n"))
                        #expect(head.contains("x-forwarded-host: \(name).box.localhost:1\r\n"))
                        #expect(head.lowercased().split(separator: "\r\nhost:").count == 2)
                    }
                }
            }
        }
    }

    @Test func `HTTP-2 is forwarded with the upstream's name, too`() async throws {
        try await ScriptedUpstream(Self.echo).run { upstream, _ in
            let routes = try routes(upstream)
            try await withProxy(routes: routes, certificates: TestCertificate()) { port in
                try await HTTP2Client.with(port: port) { client in
                    try await client.request(1, authority: "app.box.localhost")
                    let answer = try await client.response(on: 1)
                    #expect(answer.text.contains("\r\nhost: app.localhost\r\n"))
                    #expect(answer.text.contains("x-forwarded-host: app.box.localhost\r\n"))
                }
            }
        }
    }

    @Test func `a request that came to the other proxy by TLS isn't redirected`() async throws {
        try await ScriptedUpstream(Self.echo).run { upstream, _ in
            try await withProxy(routes: try appRoute(upstream), certificates: TestCertificate()) {
                port in
                for (proto, status) in [
                    ("https", 200), ("HTTPS", 200), ("http", 302), ("httpx", 302),
                ] {
                    try await RawConnection.with(port: port) { client in
                        try await client.send(
                            "GET / HTTP/1.1\r\nHost: app.localhost\r\n"
                                + "X-Forwarded-Proto: \(proto)\r\n\r\n"
                        )
                        let answer = try await client.read(until: "\r\n\r\n")
                        #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(proto)")
                    }
                }
            }
        }
    }
}
