import NIOCore
import NIOHPACK
import PortlessCore
import Testing

@testable import Proxy

/// What a client may do before it has acknowledged our settings, and when it goes past limits.
@Suite(.timeLimit(.minutes(1))) struct HTTP2LimitsTests {
    /// A proxy without TLS, whose app answers `/` and lets all else wait.
    private func withSession<Result: Sendable>(
        _ body: (RawConnection) async throws -> Result
    ) async throws -> Result {
        try await ScriptedUpstream({ connection, _ in
            while true {
                let head = try await connection.read(until: "\r\n\r\n")
                guard head.hasPrefix("GET / ") else { break }
                try await connection.send(HTTP1ForwardingTests.ok)
            }
            _ = await connection.readToEnd()
        }).run { upstream, _ in
            try await withProxy(routes: try appRoute(upstream)) { port in
                try await RawConnection.with(port: port, body)
            }
        }
    }

    private func status(_ frame: HTTP2RawFrame) throws -> String? {
        var decoder = HPACKDecoder(allocator: ByteBufferAllocator())
        var payload = frame.payload
        return try decoder.decodeHeaders(from: &payload).first(name: ":status")
    }

    @Test(arguments: [false, true])
    func `refuses the streams of a burst that are too many, and goes on`(
        hasSettings: Bool
    ) async throws {
        try await withSession { client in
            var out = HTTP2Bytes()
            out.begin()
            if hasSettings {
                out.frame(.settings, flags: HTTP2Bytes.Flag.acknowledgement)
                try await client.send(out.take())
                _ = try await client.readFrame(.settings, on: 0)
            }
            let limit = HTTP2Limits.concurrentStreams
            for number in 0..<(limit + 200) {
                try out.headers(HTTP2Bytes.request(path: "/wait"), on: 1 + 2 * number)
            }
            try await client.send(out.take())
            for number in limit..<(limit + 200) {
                let reset = try await client.readFrame(.rstStream, on: 1 + 2 * number)
                #expect(reset.resetCode == 7, "REFUSED_STREAM")
            }
            if !hasSettings { out.frame(.settings, flags: HTTP2Bytes.Flag.acknowledgement) }
            out.frame(.rstStream, on: 1, [0, 0, 0, 8])
            try out.headers(HTTP2Bytes.request(), on: 2001)
            try await client.send(out.take())
            #expect(try status(try await client.readFrame(.headers, on: 2001)) == "200")
        }
    }

    @Test func `announces the limit that it keeps`() async throws {
        try await withSession { client in
            var out = HTTP2Bytes()
            out.begin()
            try await client.send(out.take())
            var settings = try await client.readFrame().payload
            var announced: [UInt16: UInt32] = [:]
            while let id = settings.readInteger(as: UInt16.self),
                let value = settings.readInteger(as: UInt32.self)
            {
                announced[id] = value
            }
            #expect(announced[3] == 256)
            #expect(announced[6] == UInt32(HTTP2Limits.headerList))
        }
    }

    @Test(arguments: [
        (20_000, "200"), (60_000, "200"), (100_000, "431"), (300_000, "431"), (900_000, "431"),
    ])
    func `answers a large head, the first one of a session as well`(
        size: Int,
        expected: String,
    ) async throws {
        try await withSession { client in
            var out = HTTP2Bytes()
            out.begin()
            let large = [("a", String(repeating: "b", count: size))]
            try out.headers(HTTP2Bytes.request(large), on: 1)
            try out.headers(HTTP2Bytes.request(), on: 3)
            try await client.send(out.take())
            #expect(try status(try await client.readFrame(.headers, on: 1)) == expected)
            _ = try await client.readFrame(.headers, on: 3)
        }
    }

    @Test func `answers 431 for more fields than HTTP/1 takes`() async throws {
        try await withSession { client in
            var out = HTTP2Bytes()
            out.begin()
            let many = (0...HeadScanner.maximumFields).map { ("x-\($0)", "") }
            try out.headers(HTTP2Bytes.request(many), on: 1)
            try await client.send(out.take())
            #expect(try status(try await client.readFrame(.headers, on: 1)) == "431")
        }
    }

    @Test func `takes frames that come byte by byte`() async throws {
        try await withSession { client in
            var out = HTTP2Bytes()
            out.begin()
            try out.headers(HTTP2Bytes.request(), on: 1)
            out.frame(.settings, flags: HTTP2Bytes.Flag.acknowledgement)
            try out.headers(HTTP2Bytes.request(), on: 3)
            for byte in out.take().readableBytesView {
                try await client.send(ByteBuffer(bytes: [byte]))
            }
            _ = try await client.readFrame(.headers, on: 1)
            _ = try await client.readFrame(.headers, on: 3)
        }
    }

    @Test func `ends a session whose settings are acknowledged twice`() async throws {
        try await withSession { client in
            var out = HTTP2Bytes()
            out.begin()
            for _ in 0..<2 { out.frame(.settings, flags: HTTP2Bytes.Flag.acknowledgement) }
            try await client.send(out.take())
            _ = try await client.readFrame(.goAway, on: 0)
        }
    }

    @Test(arguments: [("content-length", "5"), ("host", "b"), ("x-portless-hops", "1")])
    func `resets a stream whose trailers would frame or route it`(
        name: String,
        value: String,
    ) async throws {
        try await ScriptedUpstream({ connection, _ in
            let seen = await connection.readToEnd()
            #expect(!seen.contains("0\r\n\r\n") && !seen.contains("\(name): \(value)\r\n\r\n"))
        }).run { upstream, _ in
            try await withProxy(routes: try appRoute(upstream)) { port in
                try await RawConnection.with(port: port) { client in
                    var out = HTTP2Bytes()
                    out.begin()
                    try out.headers(HTTP2Bytes.request(method: "POST"), on: 1, endStream: false)
                    out.frame(.data, on: 1, Array("abc".utf8))
                    try out.headers([(name, value)], on: 1)
                    try await client.send(out.take())
                    let reset = try await client.readFrame(.rstStream, on: 1)
                    #expect(reset.resetCode == 1, "PROTOCOL_ERROR")
                }
            }
        }
    }

    @Test func `says 502 for a head that HTTP/2 can't carry, and goes on`() async throws {
        try await ScriptedUpstream({ connection, _ in
            while true {
                let head = try await connection.read(until: "\r\n\r\n")
                let size = head.hasPrefix("GET /large") ? 30_000 : 10
                try await connection.send(
                    "HTTP/1.1 200 OK\r\nA: \(String(repeating: "{", count: size))\r\n"
                        + "Content-Length: 2\r\n\r\nok"
                )
            }
        }).run { upstream, _ in
            try await withProxy(routes: try appRoute(upstream)) { port in
                try await RawConnection.with(port: port) { client in
                    var out = HTTP2Bytes()
                    out.begin()
                    try out.headers(HTTP2Bytes.request(path: "/large"), on: 1)
                    try await client.send(out.take())
                    #expect(try status(try await client.readFrame(.headers, on: 1)) == "502")
                    try out.headers(HTTP2Bytes.request(), on: 3)
                    try await client.send(out.take())
                    _ = try await client.readFrame(.headers, on: 3)
                    _ = try await client.readFrame(.data, on: 3)
                }
            }
        }
    }
}
