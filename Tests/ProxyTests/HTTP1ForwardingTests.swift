import NIOCore
import PortlessCore
import Testing

@testable import Proxy

@Suite(.timeLimit(.minutes(1))) struct HTTP1ForwardingTests {
    static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    static let get = "GET / HTTP/1.1\r\nHost: app.localhost\r\n\r\n"

    @Test func `forwards a request and its answer`() async throws {
        try await ScriptedUpstream({ connection, _ in
            let head = try await connection.read(until: "\r\n\r\n")
            #expect(head.hasPrefix("GET /x HTTP/1.1\r\nHost: app.localhost\r\nx-forwarded-for:"))
            try await connection.send("HTTP/1.1 200 Fine\r\nContent-Length: 2\r\nA: b\r\n\r\nok")
        }).run { upstream, _ in
            try await withProxy(routes: try appRoute(upstream)) { port in
                try await RawConnection.with(port: port) { client in
                    try await client.send("GET /x HTTP/1.1\r\nHost: app.localhost\r\n\r\n")
                    let answer = try await client.readResponse()
                    #expect(
                        answer.head
                            == "HTTP/1.1 200 Fine\r\nContent-Length: 2\r\nA: b\r\nX-Portless: 1\r\n\r\n"
                    )
                    #expect(answer.body == "ok")
                }
            }
        }
    }

    @Test func `uses a handful of upstream connections for 200 requests`() async throws {
        try await ScriptedUpstream(ScriptedUpstream.answering(Self.ok)).run {
            upstream,
            connections in
            try await withProxy(routes: try appRoute(upstream)) { port in
                for _ in 0..<20 {
                    try await RawConnection.with(port: port) { client in
                        for _ in 0..<10 {
                            try await client.send(Self.get)
                            #expect(try await client.readResponse().body == "ok")
                        }
                    }
                }
                #expect(connections.value < 5)
            }
        }
    }

    @Test func `answers pipelined requests in order`() async throws {
        try await ScriptedUpstream({ connection, _ in
            while true {
                let head = try await connection.read(until: "\r\n\r\n")
                let path = head.split(separator: " ")[1]
                try await connection.send(
                    "HTTP/1.1 200 OK\r\nContent-Length: \(path.utf8.count)\r\n\r\n\(path)"
                )
            }
        }).run { upstream, _ in
            try await withProxy(routes: try appRoute(upstream)) { port in
                try await RawConnection.with(port: port) { client in
                    let paths = (0..<50).map { "/\($0)" }
                    let requests = paths.map { path in
                        let host = path.hasSuffix("7") ? "nowhere.localhost" : "app.localhost"
                        return "GET \(path) HTTP/1.1\r\nHost: \(host)\r\n\r\n"
                    }
                    try await client.send(requests.joined())
                    for path in paths {
                        let answer = try await client.readResponse()
                        if path.hasSuffix("7") {
                            #expect(answer.head.hasPrefix("HTTP/1.1 404 "))
                        } else {
                            #expect(answer.body == path)
                        }
                    }
                }
            }
        }
    }

    @Test func `relays bodies of both framings both ways`() async throws {
        try await ScriptedUpstream({ connection, _ in
            let head = try await connection.read(until: "\r\n\r\n")
            if head.contains("chunked") {
                #expect(try await connection.read(until: "0\r\n\r\n") == "3\r\nabc\r\n0\r\n\r\n")
            } else {
                #expect(String(buffer: try await connection.read(count: 3)) == "abc")
            }
            try await connection.send(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nok\r\n0\r\nT: 1\r\n\r\n"
            )
        }).run { upstream, _ in
            try await withProxy(routes: try appRoute(upstream)) { port in
                for request in [
                    "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
                    "Content-Length: 3\r\n\r\nabc",
                ] {
                    try await RawConnection.with(port: port) { client in
                        try await client.send(
                            "POST / HTTP/1.1\r\nHost: app.localhost\r\n\(request)"
                        )
                        _ = try await client.read(until: "\r\n\r\n")
                        #expect(
                            try await client.read(until: "1\r\n\r\n")
                                == "2;x=y\r\nok\r\n0\r\nT: 1\r\n\r\n"
                        )
                    }
                }
            }
        }
    }

    @Test func `gives a body that ends with the connection in chunks, and as it is to HTTP/1.0`()
        async throws
    {
        try await ScriptedUpstream({ connection, _ in
            _ = try await connection.read(until: "\r\n\r\n")
            try await connection.send("HTTP/1.0 200 OK\r\n\r\nall of it")
        }).run { upstream, _ in
            try await withProxy(routes: try appRoute(upstream)) { port in
                try await RawConnection.with(port: port) { client in
                    try await client.send(Self.get)
                    let head = try await client.read(until: "\r\n\r\n")
                    #expect(head.contains("transfer-encoding: chunked"))
                    #expect(
                        try await client.read(until: "0\r\n\r\n") == "9\r\nall of it\r\n0\r\n\r\n"
                    )
                }
                try await RawConnection.with(port: port) { client in
                    try await client.send("GET / HTTP/1.0\r\nHost: app.localhost\r\n\r\n")
                    let answer = await client.readToEnd()
                    #expect(answer.contains("connection: close\r\n"))
                    #expect(answer.hasSuffix("\r\n\r\nall of it"))
                }
            }
        }
    }

    @Test func `breaks off for the client when the upstream breaks off`() async throws {
        for answer in [
            "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n",
        ] {
            try await ScriptedUpstream({ connection, _ in
                _ = try await connection.read(until: "\r\n\r\n")
                try await connection.send(answer)
            }).run { upstream, _ in
                try await withProxy(routes: try appRoute(upstream)) { port in
                    try await RawConnection.with(port: port) { client in
                        try await client.send(Self.get)
                        let received = await client.readToEnd()
                        // A read that ends in garbage may lose what came before it.
                        #expect(received.contains("half") || answer.contains("zz"))
                        #expect(received.hasPrefix("HTTP/1.1 200 OK\r\n"))
                        #expect(!received.contains("\r\n0\r\n"))
                    }
                }
            }
        }
    }

    @Test(arguments: [
        "", "garbage\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA",
    ])
    func `says 502 when the upstream gives no answer`(answer: String) async throws {
        try await ScriptedUpstream({ connection, _ in
            _ = try await connection.read(until: "\r\n\r\n")
            if !answer.isEmpty { try await connection.send(answer) }
        }).run { upstream, _ in
            try await withProxy(routes: try appRoute(upstream)) { port in
                try await RawConnection.with(port: port) { client in
                    try await client.send(Self.get)
                    let answer = try await client.readResponse()
                    #expect(answer.head.hasPrefix("HTTP/1.1 502 Bad Gateway\r\n"))
                    #expect(answer.body.contains("app.localhost"))
                    // The connection goes on.
                    try await client.send(Self.get)
                    #expect(try await client.readResponse().head.hasPrefix("HTTP/1.1 502 "))
                }
            }
        }
    }

    @Test func `repeats a GET on a stale connection but never a POST`() async throws {
        let posts = ScriptedUpstream.Counter()
        try await ScriptedUpstream({ connection, number in
            // Each connection answers once and drops the second request without a word.
            _ = try await connection.read(until: "\r\n\r\n")
            try await connection.send(Self.ok)
            let head = try await connection.read(until: "\r\n\r\n")
            if head.hasPrefix("POST") { _ = posts.increment() }
        }).run { upstream, connections in
            try await withProxy(routes: try appRoute(upstream)) { port in
                try await RawConnection.with(port: port) { client in
                    for _ in 0..<2 {
                        try await client.send(Self.get)
                        #expect(try await client.readResponse().body == "ok")
                    }
                    #expect(connections.value == 2)
                    try await client.send(
                        "POST / HTTP/1.1\r\nHost: app.localhost\r\nContent-Length: 0\r\n\r\n"
                    )
                    #expect(try await client.readResponse().head.hasPrefix("HTTP/1.1 502 "))
                    #expect(posts.value == 1)
                }
            }
        }
    }

    @Test func `passes interim answers on`() async throws {
        try await ScriptedUpstream({ connection, _ in
            _ = try await connection.read(until: "\r\n\r\n")
            try await connection.send("HTTP/1.1 100 Continue\r\n\r\n")
            #expect(String(buffer: try await connection.read(count: 3)) == "abc")
            try await connection.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + Self.ok)
        }).run { upstream, _ in
            try await withProxy(routes: try appRoute(upstream)) { port in
                try await RawConnection.with(port: port) { client in
                    try await client.send(
                        "POST / HTTP/1.1\r\nHost: app.localhost\r\nContent-Length: 3\r\n"
                            + "Expect: 100-continue\r\n\r\n"
                    )
                    let first = try await client.read(until: "\r\n\r\n")
                    #expect(first.hasPrefix("HTTP/1.1 100 Continue\r\n"))
                    try await client.send("abc")
                    let hints = try await client.read(until: "\r\n\r\n")
                    #expect(hints.hasPrefix("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n"))
                    #expect(try await client.readResponse().body == "ok")
                }
            }
        }
    }

    @Test func `relays an early answer and the rest of the upload`() async throws {
        try await ScriptedUpstream({ connection, _ in
            _ = try await connection.read(until: "\r\n\r\n")
            try await connection.send(Self.ok)
            #expect(String(buffer: try await connection.read(count: 6)) == "abcdef")
            _ = try await connection.read(until: "\r\n\r\n")
            try await connection.send(Self.ok)
        }).run { upstream, connections in
            try await withProxy(routes: try appRoute(upstream)) { port in
                try await RawConnection.with(port: port) { client in
                    try await client.send(
                        "POST / HTTP/1.1\r\nHost: app.localhost\r\nContent-Length: 6\r\n\r\nabc"
                    )
                    #expect(try await client.readResponse().body == "ok")
                    try await client.send("def" + Self.get)
                    #expect(try await client.readResponse().body == "ok")
                    #expect(connections.value == 1)
                }
            }
        }
    }

    @Test func `reads the upload to its end when the upstream answered and closed`() async throws {
        try await ScriptedUpstream({ connection, number in
            _ = try await connection.read(until: "\r\n\r\n")
            if number == 1 {
                try await connection.send(
                    "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"
                )
                await connection.close()
            } else {
                try await connection.send(Self.ok)
            }
        }).run { upstream, _ in
            try await withProxy(routes: try appRoute(upstream)) { port in
                try await RawConnection.with(port: port) { client in
                    let size = 4 * 1024 * 1024
                    try await client.send(
                        "POST / HTTP/1.1\r\nHost: app.localhost\r\nContent-Length: \(size)\r\n\r\n"
                    )
                    #expect(try await client.readResponse().body == "no")
                    try await client.send(ByteBuffer(repeating: 0x61, count: size))
                    try await client.send(Self.get)
                    #expect(try await client.readResponse().body == "ok")
                }
            }
        }
    }

    @Test func `closes the upstream connection when the client is gone`() async throws {
        try await ScriptedUpstream({ connection, number in
            _ = try await connection.read(until: "\r\n\r\n")
            if number == 1 {
                // Never answered: only the proxy's giving up ends it.
                #expect(await connection.readToEnd().isEmpty)
                try await connection.send("unheard")
            } else {
                try await connection.send(Self.ok)
            }
        }).run { upstream, connections in
            try await withProxy(routes: try appRoute(upstream)) { port in
                try await RawConnection.with(port: port) { client in
                    try await client.send(Self.get)
                    while connections.value == 0 { await Task.yield() }
                }
                try await RawConnection.with(port: port) { client in
                    try await client.send(Self.get)
                    #expect(try await client.readResponse().body == "ok")
                }
            }
        }
    }

    @Test func `lets no second request through behind an ambiguous one`() async throws {
        try await ScriptedUpstream({ connection, _ in
            let head = try await connection.read(until: "\r\n\r\n")
            #expect(!head.contains("/smuggled"))
            try await connection.send(Self.ok)
        }).run { upstream, connections in
            try await withProxy(routes: try appRoute(upstream)) { port in
                for fields in [
                    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                    "Content-Length: 5\r\nContent-Length: 0\r\n",
                    "Transfer-Encoding: xchunked\r\n",
                    "Transfer-Encoding : chunked\r\n",
                    "X: y\r\n Content-Length: 5\r\n",
                ] {
                    try await RawConnection.with(port: port) { client in
                        try await client.send(
                            "POST / HTTP/1.1\r\nHost: app.localhost\r\n\(fields)\r\n0\r\n\r\n"
                                + "GET /smuggled HTTP/1.1\r\nHost: app.localhost\r\n\r\n"
                        )
                        let answer = await client.readToEnd()
                        #expect(
                            answer.hasPrefix("HTTP/1.1 400 ") || answer.hasPrefix("HTTP/1.1 501 ")
                        )
                        #expect(answer.components(of: "HTTP/1.1 ") == 1)
                    }
                }
                #expect(connections.value == 0)
            }
        }
    }

    @Test func `answers what is too large, unknown or not for us`() async throws {
        try await withProxy(routes: TestRoutes([])) { port in
            for (request, expected) in [
                ("GET / HTTP/1.1\r\n\r\n", "400"),
                ("GET / HTTP/1.1\r\nHost:\r\n\r\n", "400"),
                ("GET / HTTP/1.1\r\nHost: no.localhost\r\n\r\n", "404"),
                ("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", "501"),
                ("GET / HTTP/3.0\r\nHost: a\r\n\r\n", "505"),
                ("GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 70000))", "431"),
                ("GET / HTTP/1.1\r\nHost: a.localhost\r\nX-Portless-Hops: 5\r\n\r\n", "508"),
            ] {
                try await RawConnection.with(port: port) { client in
                    try await client.send(request)
                    let answer = try await client.readResponse()
                    #expect(answer.head.hasPrefix("HTTP/1.1 \(expected) "))
                    #expect(answer.head.contains("\r\nX-Portless: 1\r\n"))
                }
            }
        }
    }

    @Test func `reaches an upstream that listens on the IPv6 loopback only`() async throws {
        try await ScriptedUpstream(ScriptedUpstream.answering(Self.ok), host: "::1").run {
            upstream,
            _ in
            try await withProxy(routes: try appRoute(upstream)) { port in
                try await RawConnection.with(port: port) { client in
                    try await client.send(Self.get)
                    #expect(try await client.readResponse().body == "ok")
                }
            }
        }
    }

    @Test func `sees a new route with the very next request`() async throws {
        try await ScriptedUpstream(ScriptedUpstream.answering(Self.ok)).run {
            upstream,
            _ in
            let routes = TestRoutes([])
            try await withProxy(routes: routes) { port in
                try await RawConnection.with(port: port) { client in
                    try await client.send(Self.get)
                    #expect(try await client.readResponse().head.hasPrefix("HTTP/1.1 404 "))
                    routes.replace(try appRoute(upstream).current().routes)
                    try await client.send(Self.get)
                    #expect(try await client.readResponse().body == "ok")
                }
            }
        }
    }
}

extension String {
    /// How often `part` occurs.
    func components(of part: String) -> Int { ranges(of: part).count }
}
