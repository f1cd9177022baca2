import NIOCore
import PortlessCore
import Testing

@testable import Proxy

@Suite(.timeLimit(.minutes(1))) struct TLSPortTests {
    @Test(arguments: [
        ("GET /a?b HTTP/1.1\r\nHost: app.localhost:1355\r\n\r\n", 302, "/a?b"),
        ("HEAD /a HTTP/1.1\r\nHost: app.localhost\r\n\r\n", 302, "/a"),
        ("POST /a HTTP/1.1\r\nHost: app.localhost\r\nContent-Length: 3\r\n\r\nabc", 307, "/a"),
        ("GET / HTTP/1.0\r\n\r\n", 302, "/"),
    ])
    func `redirects plain HTTP to HTTPS`(request: String, status: Int, path: String) async throws {
        try await withProxy(routes: try appRoute(1), certificates: TestCertificate()) { port in
            try await RawConnection.with(port: port) { client in
                try await client.send(request)
                let answer = try await client.read(until: "\r\n\r\n")
                let host = request.contains("Host") ? "app.localhost" : "localhost"
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
                #expect(answer.contains("location: https://\(host):1355\(path)\r\n"))
                #expect(answer.contains("X-Portless: 1\r\n"))
            }
        }
    }

    @Test func `serves a plain upgrade on the TLS port`() async throws {
        try await ScriptedUpstream({ connection, _ in
            let head = try await connection.read(until: "\r\n\r\n")
            #expect(head.contains("x-forwarded-proto: http\r\n"))
            try await connection.send(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                    + "Connection: Upgrade\r\n\r\nhello"
            )
        }).run { upstream, _ in
            try await withProxy(routes: try appRoute(upstream), certificates: TestCertificate()) {
                port in
                try await RawConnection.with(port: port) { client in
                    try await client.send(
                        "GET / HTTP/1.1\r\nHost: app.localhost\r\nConnection: Upgrade\r\n"
                            + "Upgrade: websocket\r\n\r\n"
                    )
                    _ = try await client.read(until: "\r\n\r\n")
                    #expect(String(buffer: try await client.read(count: 5)) == "hello")
                }
            }
        }
    }

    @Test func `drops what is neither TLS nor HTTP`() async throws {
        try await withProxy(routes: try appRoute(1), certificates: TestCertificate()) { port in
            try await RawConnection.with(port: port) { client in
                try await client.send("\u{16}garbage that is no handshake, though it begins so")
                #expect(!(await client.readToEnd()).contains("HTTP/1.1"))
            }
            try await RawConnection.with(port: port) { client in
                try await client.send("\u{1}\u{2}\u{3}\r\n\r\n")
                #expect(await client.readToEnd().hasPrefix("HTTP/1.1 400 "))
            }
        }
    }
}
