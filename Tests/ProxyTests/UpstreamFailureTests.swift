import NIOCore
import NIOHPACK
import NIOHTTP2
import PortlessCore
import Testing

@testable import Proxy

/// Apps that leave at odd moments, or refuse what they were asked for.
@Suite(.timeLimit(.minutes(1))) struct UpstreamFailureTests {
    private static let ok = HTTP1ForwardingTests.ok
    private static let get = HTTP1ForwardingTests.get

    @Test func `a request that got an interim answer isn't repeated`() async throws {
        try await ScriptedUpstream({ connection, _ in
            _ = try await connection.read(until: "\r\n\r\n")
            try await connection.send(Self.ok)
            _ = try await connection.read(until: "\r\n\r\n")
            try await connection.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
        }).run { upstream, connections in
            try await withProxy(routes: try appRoute(upstream)) { port in
                try await RawConnection.with(port: port) { client in
                    try await client.send(Self.get)
                    #expect(try await client.readResponse().body == "ok")
                    try await client.send(Self.get)
                    _ = try await client.read(until: "\r\n\r\n")
                    let answer = try await client.readResponse()
                    #expect(answer.head.hasPrefix("HTTP/1.1 502 "))
                    #expect(connections.value == 1)
                }
            }
        }
    }

    @Test func `an upload goes on when an answer that ends with its connection has ended`()
        async throws
    {
        try await ScriptedUpstream({ connection, number in
            _ = try await connection.read(until: "\r\n\r\n")
            try await connection.send(number == 1 ? "HTTP/1.0 200 OK\r\n\r\nearly" : Self.ok)
        }).run { upstream, _ in
            try await withProxy(routes: try appRoute(upstream)) { port in
                try await RawConnection.with(port: port) { client in
                    let size = 1024 * 1024
                    try await client.send(
                        "POST / HTTP/1.1\r\nHost: app.localhost\r\nContent-Length: \(size)\r\n\r\n"
                    )
                    _ = try await client.read(until: "early\r\n0\r\n\r\n")
                    try await client.send(ByteBuffer(repeating: 0x61, count: size))
                    try await client.send(Self.get)
                    #expect(try await client.readResponse().body == "ok")
                }
            }
        }
    }

    @Test func `a refused WebSocket gives its connection back`() async throws {
        try await ScriptedUpstream({ connection, _ in
            while true {
                let head = try await connection.read(until: "\r\n\r\n")
                let isUpgrade = head.contains("upgrade: websocket")
                try await connection.send(
                    isUpgrade ? "HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno" : Self.ok
                )
            }
        }).run { upstream, connections in
            try await withProxy(
                routes: try appRoute(upstream),
                certificates: TestCertificate(),
            ) { port in
                try await HTTP2Client.with(port: port) { client in
                    try await client.receiveSettings()
                    let headers = HPACKHeaders([
                        (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"),
                        (":authority", "app.localhost"), (":path", "/"),
                    ])
                    try await client.send(1, .headers(.init(headers: headers)))
                    let answer = try await client.response(on: 1)
                    #expect(answer.status == "403" && answer.text == "no")
                    guard case .rstStream(.noError) = try await client.frame(on: 1) else {
                        Issue.record("the client isn't told to stop sending")
                        return
                    }
                    try await client.request(3)
                    #expect(try await client.response(on: 3).text == "ok")
                    #expect(connections.value == 1)
                }
            }
        }
    }
}
