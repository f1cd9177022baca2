import HostSystem
import NIOCore
import NIOHTTP2
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Proxy

@Suite(.timeLimit(.minutes(1))) struct TrafficSocketTests {
    /// A proxy with one app, and a watcher.
    private func watching(
        _ upstream: ScriptedUpstream,
        certificates: (any CertificateSource)? = nil,
        _ body: (_ port: Int, _ watcher: TestWatcher) async throws -> Void,
    ) async throws {
        try await TemporaryDirectory.with { folder in
            try await upstream.run { upstream, _ in
                try await withProxy(
                    routes: try appRoute(upstream),
                    certificates: certificates,
                    trafficFolder: folder,
                ) { port in
                    try await TestWatcher.with(folder) { try await body(port, $0) }
                }
            }
        }
    }

    private func ask(_ port: Int, _ request: String) async throws -> String {
        try await RawConnection.with(port: port) { client in
            try await client.send(request)
            // An answer to HEAD has the length of a body that doesn't come.
            if request.hasPrefix("HEAD") { return try await client.read(until: "\r\n\r\n") }
            return try await client.readResponse().head
        }
    }

    @Test func `a request is recorded, with secrets hidden in its path`() async throws {
        let answer =
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; a=b\r\nContent-Length: 5\r\n\r\nhello"
        try await watching(ScriptedUpstream(ScriptedUpstream.answering(answer))) { port, watcher in
            _ = try await ask(port, "GET /a?token=x HTTP/1.1\r\nHost: APP.localhost:1355\r\n\r\n")
            let record = try await watcher.finished()
            #expect(record.host == "app.localhost")
            #expect(record.port == 1355)
            #expect(record.app == "app")
            #expect(record.method == "GET")
            #expect(record.path == "/a?token=•••")
            #expect(record.status == 200)
            #expect(record.state == .done)
            #expect(record.failure == nil)
            #expect(record.scheme == .http)
            #expect(record.version == .http1)
            #expect(record.type == "text/plain")
            #expect(record.upstream?.hasPrefix("127.0.0.1:") == true)
            #expect(record.responseBytes == 5)
            #expect(record.firstByte ?? .zero > .zero)
            #expect(record.total ?? .zero >= record.firstByte ?? .zero)
            #expect(!record.isInspected)
            #expect(try await watcher.details(of: record.id).request == nil)
        }
    }

    @Test func `headers and bodies are recorded while the host is inspected`() async throws {
        let app = ScriptedUpstream { connection, _ in
            _ = try await connection.read(until: "0\r\n\r\n")
            try await connection.send(
                "HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
            )
        }
        try await watching(app) { port, watcher in
            try await watcher.inspect("app.localhost")
            let request =
                "POST / HTTP/1.1\r\nHost: app.localhost\r\nAuthorization: Bearer x\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n4\r\nsent\r\n0\r\n\r\n"
            try await RawConnection.with(port: port) { client in
                try await client.send(request)
                _ = try await client.read(until: "0\r\n\r\n")
            }
            let record = try await watcher.finished()
            #expect(record.isInspected)
            #expect(record.requestBytes == 4)
            #expect(record.responseBytes == 5)
            let hidden = try await watcher.details(of: record.id)
            #expect(hidden.request?.header("authorization") == "•••")
            #expect(hidden.request?.body == .text("sent"))
            #expect(hidden.response?.header("set-cookie") == "•••")
            #expect(hidden.response?.body == .text("abcde"))
            #expect(hidden.response?.isBodyCut == false)
            let shown = try await watcher.details(of: record.id, reveals: true)
            #expect(shown.request?.header("authorization") == "Bearer x")
        }
    }

    @Test func `whatever a head may hold is recorded`() async throws {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Type:  ;x\r\n"
        let fields = (0..<300).map { "X-\($0): \($0)\r\n" }.joined()
        let app = ScriptedUpstream(ScriptedUpstream.answering(answer + fields + "\r\n"))
        try await watching(app) { port, watcher in
            try await watcher.inspect("app.localhost")
            var request = ByteBuffer(string: "M-SEARCH /%ff%00%1b[31m HTTP/1.1\r\n")
            request.writeString("Host: app.localhost\r\nX-Binary: ")
            request.writeBytes([0xFF, 0xC3, 0x28])
            request.writeString("\r\n\(fields)\r\n")
            try await RawConnection.with(port: port) { client in
                try await client.send(request)
                _ = try await client.readResponse()
            }
            let record = try await watcher.finished()
            #expect(record.method == "M-SEARCH")
            #expect(record.path == "/%ff%00%1b[31m")
            #expect(record.type == nil)
            let details = try await watcher.details(of: record.id)
            #expect(details.request?.headers.count == 302)
            #expect(details.request?.header("x-binary") == "\u{FFFD}\u{FFFD}(")
            #expect(details.response?.headers.count == 302)
        }
    }

    @Test(arguments: [
        ("GET /a HTTP/1.1\r\nX: y\r\n\r\n", "GET", "/a", "", 400),
        (
            "GET /b HTTP/1.1\r\nHost: app.localhost\r\n fold\r\n\r\n", "GET", "/b", "app.localhost",
            400,
        ),
        (
            "GET /c?token=x HTTP/3.0\r\nHost: app.localhost\r\n\r\n", "GET", "/c?token=•••",
            "app.localhost", 505,
        ),
        ("\u{1B}[31m\u{FF} x\r\n\r\n", "?", "x", "", 400),
    ])
    func `a request whose head is refused is recorded as far as it can be read`(
        request: String,
        method: String,
        path: String,
        host: String,
        status: Int,
    ) async throws {
        try await watching(ScriptedUpstream(ScriptedUpstream.answering(""))) { port, watcher in
            try await watcher.inspect("*")
            _ = try await ask(port, request)
            let record = try await watcher.finished()
            #expect(record.method == method)
            #expect(record.path == path)
            #expect(record.host == host)
            #expect(record.status == status)
            #expect(record.state == .done)
            #expect(record.failure?.isEmpty == false)
            #expect(!record.isInspected)
        }
    }

    @Test func `a head that is refused over HTTP-2 is recorded, too`() async throws {
        let upstream = ScriptedUpstream(ScriptedUpstream.answering(""))
        let fields = (0...HeadScanner.maximumFields).map { ("x-\($0)", "y") }
        try await watching(upstream, certificates: TestCertificate()) { port, watcher in
            try await HTTP2Client.with(port: port) { client in
                try await client.receiveSettings()
                try await client.request(1, fields, path: "/large")
                #expect(try await client.response(on: 1).status == "431")
            }
            let record = try await watcher.finished()
            #expect(record.version == .http2)
            #expect(record.host == "app.localhost")
            #expect(record.path == "/large")
            #expect(record.status == 431)
        }
    }

    @Test func `only the beginning of a long body is kept`() async throws {
        let size = TrafficLimits.body + 1000
        let body = String(repeating: "x", count: size)
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n\(body)"
        try await watching(ScriptedUpstream(ScriptedUpstream.answering(answer))) { port, watcher in
            try await watcher.inspect("*")
            _ = try await ask(port, "GET / HTTP/1.1\r\nHost: app.localhost\r\n\r\n")
            let record = try await watcher.finished()
            let response = try #require(try await watcher.details(of: record.id).response)
            #expect(record.responseBytes == Int64(size))
            #expect(response.body.bytes.count == TrafficLimits.body)
            #expect(response.isBodyCut)
        }
    }

    @Test func `requests over HTTP-2 are recorded, too`() async throws {
        let answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"
        let app = ScriptedUpstream(ScriptedUpstream.answering(answer))
        try await watching(app, certificates: TestCertificate()) { port, watcher in
            try await watcher.inspect("app.localhost")
            try await HTTP2Client.with(port: port) { client in
                try await client.request(
                    1,
                    [("cookie", "a=b"), ("x-kept", "yes")],
                    method: "POST",
                    path: "/h2",
                    endStream: false,
                )
                try await client.body(1, "sent")
                _ = try await client.response(on: 1)
            }
            let record = try await watcher.finished()
            #expect(record.version == .http2)
            #expect(record.scheme == .https)
            #expect(record.status == 404)
            #expect(record.failure == nil)
            #expect(record.requestBytes == 4)
            #expect(record.responseBytes == 2)
            let details = try await watcher.details(of: record.id)
            #expect(details.request?.headers.map(\.name) == ["cookie", "x-kept"])
            #expect(details.request?.body == .text("sent"))
            #expect(details.response?.body == .text("no"))
        }
    }

    @Test func `messages of a WebSocket are recorded in both directions`() async throws {
        let app = ScriptedUpstream { connection, _ in
            _ = try await connection.read(until: "\r\n\r\n")
            try await connection.send(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                    + "Connection: Upgrade\r\n\r\n"
            )
            try await connection.send(ByteBuffer(bytes: [0x81, 2] + "hi".utf8))
            _ = try await connection.read(count: 8)
        }
        try await watching(app) { port, watcher in
            try await watcher.inspect("app.localhost")
            try await RawConnection.with(port: port) { client in
                try await client.send(
                    "GET /ws HTTP/1.1\r\nHost: app.localhost\r\nConnection: Upgrade\r\n"
                        + "Upgrade: websocket\r\n\r\n"
                )
                _ = try await client.read(until: "hi")
                try await client.send(ByteBuffer(bytes: [0x82, 0x82, 1, 1, 1, 1, 1, 0]))
                _ = await client.readToEnd()
            }
            let record = try await watcher.finished()
            #expect(record.version == .webSocket)
            #expect(record.status == 101)
            #expect(record.state == .done)
            #expect(record.requestBytes == 8)
            #expect(record.responseBytes == 4)
            let details = try await watcher.details(of: record.id)
            #expect(details.frames.map(\.direction) == [.received, .sent])
            #expect(details.frames.map(\.kind) == [.text, .binary])
            #expect(details.frames.map(\.start) == [.text("hi"), .base64("AAE=")])
            #expect(details.frames.map(\.size) == [2, 2])
        }
    }

    @Test func `failures are recorded with a sentence`() async throws {
        let cut = "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nonly this"
        let app = ScriptedUpstream { connection, number in
            _ = try await connection.read(until: "\r\n\r\n")
            if number > 1 { try await connection.send(cut) }
        }
        try await watching(app) { port, watcher in
            let post = "POST / HTTP/1.1\r\nHost: app.localhost\r\nContent-Length: 0\r\n\r\n"
            #expect(try await ask(port, post).contains("502"))
            let silent = try await watcher.finished()
            #expect(silent.status == 502)
            #expect(silent.app == "app")
            #expect(silent.failure?.contains("closed the connection before it answered") == true)
            try await RawConnection.with(port: port) { client in
                try await client.send(post)
                _ = await client.readToEnd()
            }
            let broken = try await watcher.finished()
            #expect(broken.state == .failed)
            #expect(broken.status == 200)
            #expect(broken.failure == "app.localhost broke off its answer.")
            _ = try await ask(port, "GET / HTTP/1.1\r\nHost: nope.localhost\r\n\r\n")
            let unknown = try await watcher.finished()
            #expect(unknown.status == 404)
            #expect(unknown.app == nil)
            #expect(unknown.failure == "No app is registered for nope.localhost.")
            _ = try await ask(
                port,
                "GET / HTTP/1.1\r\nHost: app.localhost\r\nX-Portless-Hops: 5\r\n\r\n",
            )
            #expect(try await watcher.finished().status == 508)
        }
    }

    @Test func `a client that leaves early is told of`() async throws {
        let app = ScriptedUpstream { connection, _ in _ = await connection.readToEnd() }
        try await watching(app) { port, watcher in
            try await RawConnection.with(port: port) { client in
                try await client.send("GET / HTTP/1.1\r\nHost: app.localhost\r\n\r\n")
                while case .record(let record) = try await watcher.event() {
                    #expect(record.state == .waiting)
                    break
                }
            }
            let record = try await watcher.finished()
            #expect(record.state == .failed)
            #expect(record.failure == "The client left before the answer was complete.")
        }
    }

    @Test func `the dashboard's own requests and the commands' probes aren't recorded`()
        async throws
    {
        let answer = "HTTP/1.1 204 No Content\r\n\r\n"
        try await watching(ScriptedUpstream(ScriptedUpstream.answering(answer))) { port, watcher in
            for host in ["portless.localhost", "localhost", "app.localhost"] {
                _ = try await ask(port, "HEAD / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
            }
            #expect(try await watcher.finished().host == "app.localhost")
        }
    }

    @Test func `inspection ends with the watcher that wanted it, however that went`() async throws {
        try await TemporaryDirectory.with { folder in
            let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
            try await ScriptedUpstream(ScriptedUpstream.answering(answer)).run { upstream, _ in
                try await withProxy(routes: try appRoute(upstream), trafficFolder: folder) {
                    port in
                    let id = try await TestWatcher.with(folder) { watcher in
                        try await watcher.inspect("app.localhost")
                        _ = try await ask(port, "GET /1 HTTP/1.1\r\nHost: app.localhost\r\n\r\n")
                        let id = try await watcher.finished().id
                        // A reset, as by a crash with unread bytes.
                        try await watcher.connection.channel.close()
                        return id
                    }
                    // Without a watcher nothing is recorded.
                    while true {
                        let isFreed = try await TestWatcher.with(folder) { watcher in
                            try await watcher.details(of: id).request == nil
                        }
                        if isFreed { break }
                    }
                    try await TestWatcher.with(folder) { watcher in
                        _ = try await ask(port, "GET /3 HTTP/1.1\r\nHost: app.localhost\r\n\r\n")
                        let record = try await watcher.finished()
                        #expect(record.path == "/3")
                        #expect(!record.isInspected)
                    }
                }
            }
        }
    }

    @Test func `lines that are no questions end the connection, and nothing else`() async throws {
        try await TemporaryDirectory.with { folder in
            try await withProxy(routes: TestRoutes([]), trafficFolder: folder) { port in
                for line in [
                    "nonsense\n", "{}\n", "[1]\n", String(repeating: "x", count: 9000),
                    "{\"list\":\"a\"}\n", "\u{0}\u{1}\n\n",
                ] {
                    try await TestWatcher.with(folder) { watcher in
                        try await watcher.connection.send(line)
                        _ = await watcher.connection.readToEnd()
                    }
                }
                try await TestWatcher.with(folder) { watcher in
                    _ = try await ask(port, "GET / HTTP/1.1\r\nHost: a.localhost\r\n\r\n")
                    #expect(try await watcher.finished().status == 404)
                    try await watcher.send(.details(id: 1_000_000, reveals: true))
                    #expect(try await watcher.event() == .missing(id: 1_000_000))
                }
            }
        }
    }

    @Test func `a later proxy takes the socket over, and an earlier one leaves it`() async throws {
        try await TemporaryDirectory.with { folder in
            let socket = folder.appending("traffic.sock")
            try await withProxy(routes: TestRoutes([]), trafficFolder: folder) { port in
                try await withProxy(routes: TestRoutes([]), trafficFolder: folder) { later in
                    #expect(try FileStatus.of(socket)?.permissions == .ownerReadWrite)
                    try await TestWatcher.with(folder) { watcher in
                        _ = try await ask(port, "GET /old HTTP/1.1\r\nHost: a.localhost\r\n\r\n")
                        _ = try await ask(later, "GET /new HTTP/1.1\r\nHost: a.localhost\r\n\r\n")
                        #expect(try await watcher.finished().path == "/new")
                    }
                }
                #expect(try FileStatus.of(socket) == nil)
            }
        }
    }
}
