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

    /// The answers of one session, whose heads have to be decoded in the order they came in.
    private struct Answers {
        private var decoder = HPACKDecoder(allocator: ByteBufferAllocator())
        private var statuses: [Int: String] = [:]

        mutating func status(on stream: Int, from client: RawConnection) async throws -> String? {
            while statuses[stream] == nil {
                let frame = try await client.readFrame()
                guard frame.kind == HTTP2Bytes.Kind.headers.rawValue else { continue }
                var payload = frame.payload
                let headers = try decoder.decodeHeaders(from: &payload)
                statuses[frame.stream] = headers.first(name: ":status") ?? ""
            }
            return statuses[stream]
        }
    }

    @Test(arguments: [false, true])
    func `refuses the streams of a burst that are too many, and goes on`(
        hasSettings: Bool
    ) async throws {
        try await withSession { client in
            var out = HTTP2Bytes()
            out.begin()
            var answers = Answers()
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
            #expect(try await answers.status(on: 2001, from: client) == "200")
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
            var answers = Answers()
            let large = [("a", String(repeating: "b", count: size))]
            try out.headers(HTTP2Bytes.request(large), on: 1)
            try out.headers(HTTP2Bytes.request(), on: 3)
            try await client.send(out.take())
            #expect(try await answers.status(on: 1, from: client) == expected)
            #expect(try await answers.status(on: 3, from: client) == "200")
        }
    }

    @Test func `answers 431 for more fields than HTTP/1 takes`() async throws {
        try await withSession { client in
            var out = HTTP2Bytes()
            out.begin()
            var answers = Answers()
            let many = (0...HeadScanner.maximumFields).map { ("x-\($0)", "") }
            try out.headers(HTTP2Bytes.request(many), on: 1)
            try await client.send(out.take())
            #expect(try await answers.status(on: 1, from: client) == "431")
        }
    }

    @Test func `takes frames that come byte by byte`() async throws {
        try await withSession { client in
            var out = HTTP2Bytes()
            var answers = Answers()
            out.begin()
            try out.headers(HTTP2Bytes.request(), on: 1)
            out.frame(.settings, flags: HTTP2Bytes.Flag.acknowledgement)
            try out.headers(HTTP2Bytes.request(), on: 3)
            for byte in out.take().readableBytesView {
                try await client.send(ByteBuffer(bytes: [byte]))
            }
            #expect(try await answers.status(on: 1, from: client) == "200")
            #expect(try await answers.status(on: 3, from: client) == "200")
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
                    var answers = Answers()
                    try out.headers(HTTP2Bytes.request(path: "/large"), on: 1)
                    try await client.send(out.take())
                    #expect(try await answers.status(on: 1, from: client) == "502")
                    try out.headers(HTTP2Bytes.request(), on: 3)
                    try await client.send(out.take())
                    #expect(try await answers.status(on: 3, from: client) == "200")
                }
            }
        }
    }
}
