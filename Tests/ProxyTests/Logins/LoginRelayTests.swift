import NIOCore
import NIOHPACK
import NIOHTTP2
import PortlessCore
import Synchronization
import Testing

@testable import Proxy

@Suite(.timeLimit(.minutes(1))) struct LoginRelayTests {
    private func start(_ state: String, form: Bool = false) throws -> LoginStart {
        let mode = form ? "&response_mode=form_post" : ""
        return try #require(
            LoginStart(
                url: "https://p/?redirect_uri=https://shop.localhost/cb&state=\(state)\(mode)"
            )
        )
    }

    private func target() throws -> Hostname { try #require(Hostname("feat.shop.localhost")) }

    @Test func `remembers a login for ten minutes`() throws {
        let time = Mutex(NIODeadline.uptimeNanoseconds(0))
        let relay = LoginRelay(now: { time.withLock { $0 } })
        #expect(relay.isEmpty)
        let login = try start("a", form: true)
        let feat = try target()
        relay.record(login, target: feat)
        #expect(!relay.isEmpty)
        #expect(relay.target(of: login.callback, state: login.state) == feat)
        #expect(relay.target(of: login.callback, state: [1]) == nil)
        let other = try #require(LoginCallback(authority: "shop.localhost", target: "/x?y"))
        #expect(relay.target(of: other, state: login.state) == nil)
        time.withLock { $0 = .uptimeNanoseconds(0) + .minutes(10) }
        #expect(relay.target(of: login.callback, state: login.state) == nil)
        #expect(!relay.expectsForm(at: login.callback))
        #expect(relay.isEmpty)
    }

    @Test func `keeps the newest of too many`() throws {
        let relay = LoginRelay()
        for number in 0..<300 { relay.record(try start("\(number)"), target: try target()) }
        let first = try start("0")
        #expect(relay.target(of: first.callback, state: first.state) == nil)
        let last = try start("299")
        #expect(relay.target(of: last.callback, state: last.state) != nil)
    }

    // MARK: Through a proxy

    /// The main checkout's app and that of the worktree `feat`, which begins a login for `/login`.
    private func withApps<Result: Sendable>(
        form: Bool = false,
        certificates: (any CertificateSource)? = nil,
        _ body: (_ port: Int) async throws -> Result,
    ) async throws -> Result {
        let mode = form ? "&response_mode=form_post" : ""
        let url = "https://p.example/?redirect_uri=http%3A%2F%2Fapp.localhost%2Fcb&state=s1\(mode)"
        let feat: ScriptedUpstream.Script = { connection, _ in
            while true {
                let head = try await connection.read(until: "\r\n\r\n")
                let json = "{\"url\":\"\(url)\"}"
                try await connection.send(
                    head.hasPrefix("POST /json")
                        ? "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                            + "\(json.utf8.count)\r\n\r\n\(json)"
                        : "HTTP/1.1 302 Found\r\nLocation: \(url)\r\nContent-Length: 0\r\n\r\n"
                )
            }
        }
        let main: ScriptedUpstream.Script = { connection, _ in
            let head = try await connection.read(until: "\r\n\r\n")
            let length = head.split(separator: "\r\n").first {
                $0.lowercased().hasPrefix("content-length: ")
            }
            let count = length.flatMap { Int($0.dropFirst(16)) } ?? 0
            let form = String(buffer: try await connection.read(count: count))
            let text = "main \(form)"
            try await connection.send(
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: \(text.utf8.count)\r\n\r\n"
                    + text
            )
        }
        return try await ScriptedUpstream(feat).run { feat, _ in
            try await ScriptedUpstream(main).run { main, _ in
                let routes = TestRoutes([
                    Route(
                        hostname: try #require(Hostname("feat.app.localhost")),
                        port: try #require(Port(feat)),
                        owner: .alias,
                        worktree: "feat",
                    ),
                    Route(
                        hostname: try #require(Hostname("app.localhost")),
                        port: try #require(Port(main)),
                        owner: .alias,
                    ),
                ])
                return try await withProxy(routes: routes, certificates: certificates, body)
            }
        }
    }

    private func ask(_ text: String, _ port: Int) async throws -> (head: String, body: String) {
        try await RawConnection.with(port: port) { client in
            try await client.send(text)
            return try await client.readResponse()
        }
    }

    private static let login = "GET /login HTTP/1.1\r\nHost: feat.app.localhost\r\n\r\n"

    private func callback(_ query: String, path: String = "/cb") -> String {
        "GET \(path)?\(query) HTTP/1.1\r\nHost: app.localhost:1355\r\n\r\n"
    }

    @Test func `an answer goes on to the worktree that has begun the login, and no other one`()
        async throws
    {
        try await withApps { port in
            let early = try await ask(callback("code=1&state=s1"), port)
            #expect(early.body == "main ")
            _ = try await ask(Self.login, port)
            let answer = try await ask(callback("code=1&state=s1"), port)
            #expect(answer.head.hasPrefix("HTTP/1.1 302 "))
            #expect(
                answer.head.contains(
                    "location: http://feat.app.localhost:1355/cb?code=1&state=s1\r\n"
                )
            )
            for other in ["code=1&state=s2", "code=1", "state=s1&state=s1", ""] {
                #expect(try await ask(callback(other), port).body == "main ", "\(other)")
            }
            let path = try await ask(callback("code=1&state=s1", path: "/other"), port)
            #expect(path.body == "main ")
        }
    }

    @Test func `a login that an app's script begins counts, too`() async throws {
        try await withApps { port in
            _ = try await ask(
                "POST /json HTTP/1.1\r\nHost: feat.app.localhost\r\nContent-Length: 0\r\n\r\n",
                port,
            )
            let answer = try await ask(callback("code=1&state=s1"), port)
            #expect(answer.head.hasPrefix("HTTP/1.1 302 "))
        }
    }

    private func post(_ form: String) -> (head: String, form: String) {
        (
            "POST /cb HTTP/1.1\r\nHost: app.localhost\r\nContent-Type: "
                + "application/x-www-form-urlencoded\r\nContent-Length: \(form.utf8.count)\r\n\r\n",
            form,
        )
    }

    @Test func `a form goes on with its content, in however many pieces it comes`() async throws {
        try await withApps(form: true) { port in
            _ = try await ask(Self.login, port)
            for cut in [0, 1, 7] {
                let request = post("code=1&state=s1")
                try await RawConnection.with(port: port) { client in
                    try await client.send(request.head + String(request.form.prefix(cut)))
                    try await Task.sleep(for: .milliseconds(20))
                    try await client.send(String(request.form.dropFirst(cut)))
                    let answer = try await client.readResponse()
                    #expect(answer.head.hasPrefix("HTTP/1.1 307 "))
                    #expect(answer.head.contains("location: http://feat.app.localhost/cb\r\n"))
                }
                let other = post("code=1&state=s2")
                try await RawConnection.with(port: port) { client in
                    try await client.send(other.head + String(other.form.prefix(cut)))
                    try await Task.sleep(for: .milliseconds(20))
                    try await client.send(String(other.form.dropFirst(cut)))
                    #expect(try await client.readResponse().body == "main code=1&state=s2")
                }
            }
        }
    }

    @Test func `HTTP/2 has the same answers`() async throws {
        try await withApps(form: true, certificates: TestCertificate()) { port in
            try await HTTP2Client.with(port: port) { client in
                try await client.request(1, path: "/login", authority: "feat.app.localhost")
                #expect(try await client.response(on: 1).status == "302")
                try await client.request(3, path: "/cb?state=s1&code=1")
                let query = try await client.response(on: 3)
                #expect(query.status == "302")
                #expect(
                    query.headers.first(name: "location")
                        == "https://feat.app.localhost/cb?state=s1&code=1"
                )
                for (id, state) in [(5, "s1"), (7, "s2")] as [(HTTP2StreamID, String)] {
                    let form = "code=1&state=\(state)"
                    try await client.request(
                        id,
                        [
                            ("content-type", "application/x-www-form-urlencoded"),
                            ("content-length", "\(form.utf8.count)"),
                        ],
                        method: "POST",
                        path: "/cb",
                        endStream: false,
                    )
                    try await client.body(id, String(form.prefix(4)), endStream: false)
                    try await client.body(id, String(form.dropFirst(4)))
                    let answer = try await client.response(on: id)
                    #expect(answer.status == (state == "s1" ? "307" : "200"))
                    if state == "s2" { #expect(answer.text == "main \(form)") }
                }
            }
        }
    }
}
