import NIOCore
import PortlessCore
import Testing

@testable import Proxy

@Suite(.timeLimit(.minutes(1))) struct HTTP1UpgradeTests {
    @Test func `tunnels a WebSocket with what was sent early, and half closes`() async throws {
        try await ScriptedUpstream({ connection, _ in
            let head = try await connection.read(until: "\r\n\r\n")
            #expect(head.contains("Upgrade: websocket\r\nconnection: Upgrade\r\n"))
            try await connection.send(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                    + "Connection: Upgrade\r\n\r\nhello "
            )
            #expect(String(buffer: try await connection.read(count: 5)) == "early")
            #expect(await connection.readToEnd() == "late")
            try await connection.send("bye")
        }).run { upstream, _ in
            try await withProxy(routes: try appRoute(upstream)) { port in
                try await RawConnection.with(port: port) { client in
                    try await client.send(
                        "GET / HTTP/1.1\r\nHost: app.localhost\r\nConnection: Upgrade\r\n"
                            + "Upgrade: websocket\r\n\r\nearly"
                    )
                    let head = try await client.read(until: "\r\n\r\n")
                    #expect(head.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
                    #expect(head.contains("Upgrade: websocket\r\n"))
                    #expect(try await client.read(until: " ") == "hello ")
                    try await client.send("late")
                    client.finishSending()
                    #expect(await client.readToEnd() == "bye")
                }
            }
        }
    }

    @Test(arguments: ["", "Content-Length: 5\r\n"])
    func `says 502 at once for a 101 that was not asked for`(field: String) async throws {
        let answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\nbytes"
        try await ScriptedUpstream(ScriptedUpstream.answering(answer)).run { upstream, _ in
            try await withProxy(routes: try appRoute(upstream)) { port in
                try await RawConnection.with(port: port) { client in
                    try await client.send("POST / HTTP/1.1\r\nHost: app.localhost\r\n\(field)\r\n")
                    let refused = try await client.readResponse()
                    #expect(refused.head.hasPrefix("HTTP/1.1 502 "))
                    #expect(refused.body.contains("without being asked to"))
                }
                try await RawConnection.with(port: port) { client in
                    var out = HTTP2Bytes()
                    out.begin()
                    try out.headers(HTTP2Bytes.request(), on: 1)
                    try await client.send(out.take())
                    _ = try await client.readFrame(.headers, on: 1)
                    let page = String(buffer: try await client.readFrame(.data, on: 1).payload)
                    #expect(page.contains("without being asked to"))
                }
            }
        }
    }

    @Test func `relays a refused upgrade, and says 502 for an answer that is no HTTP`() async throws
    {
        let upgrade =
            "GET / HTTP/1.1\r\nHost: app.localhost\r\nConnection: Upgrade\r\n"
            + "Upgrade: websocket\r\n\r\n"
        for (answer, expected) in [
            ("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", "HTTP/1.1 403 Forbidden"),
            ("not HTTP at all\r\n\r\n", "HTTP/1.1 502 Bad Gateway"),
        ] {
            try await ScriptedUpstream(ScriptedUpstream.answering(answer)).run {
                upstream,
                _ in
                try await withProxy(routes: try appRoute(upstream)) { port in
                    try await RawConnection.with(port: port) { client in
                        try await client.send(upgrade)
                        #expect(try await client.readResponse().head.hasPrefix(expected))
                    }
                }
            }
        }
    }
}
