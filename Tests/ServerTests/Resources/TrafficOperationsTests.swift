import HTTPTypes
import Logging
import NIOCore
import PortlessCore
import Proxy
import Synchronization
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(1))) struct TrafficOperationsTests {
    /// No app has a name.
    private final class NoRoutes: RouteSource {
        func current() -> RouteTable { .empty }
        func forgetIfEnded(_ owner: Route.Owner) {}
    }

    /// Runs `body` beside a proxy of the API's state directory; `ask` sends it a request.
    private func withProxy(
        of api: APIFixture,
        _ body: (_ ask: (String) async throws -> Void) async throws -> Void,
    ) async throws {
        let server = try await ProxyServer(
            configuration: ProxyConfiguration(port: 1355, certificates: nil, version: "test"),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        ) { NoRoutes() }
        let address = try await server.listen(
            on: ListeningEndpoint(.address(host: "127.0.0.1", port: 0))
        )
        try await server.openTraffic(
            in: api.directory.path,
            as: StateFile.proxyTrafficSocket.name,
        )
        let port = try #require(address?.port.flatMap { Port($0) })
        do {
            try await body { path in
                _ = try await RawHTTP.exchange(
                    "GET \(path) HTTP/1.1\r\nHost: shop.localhost\r\nCookie: a=b\r\n"
                        + "Connection: close\r\n\r\n",
                    .port(port, "127.0.0.1"),
                )
            }
            await server.shutDown(grace: .zero)
        } catch {
            await server.shutDown(grace: .zero)
            throw error
        }
    }

    /// Waits until the list has this many records.
    private func records(
        _ api: APIFixture,
        _ count: Int,
        _ query: String = "",
    ) async throws -> [JSONValue] {
        while true {
            let answer = try await api.get("/api/traffic\(query)")
            #expect(answer.status == 200)
            let records = try #require(answer.json["records"]?.array)
            if records.count == count { return records }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test func `without a proxy there is nothing, and it says so`() async throws {
        try await APIFixture.with { api in
            let list = try await api.get("/api/traffic")
            #expect(list.text == #"{"records":[],"inspecting":[],"watching":false}"# + "\n")
            for path in ["/api/traffic/1", "/api/traffic/har"] {
                let answer = try await api.get(path)
                #expect(answer.status == 503)
                #expect(answer.code == "NO_TRAFFIC")
            }
            for path in ["1/reveal", "1/replay"] {
                #expect(try await api.post("/api/traffic/\(path)").status == 503)
            }
            let body = #"{"host":"shop.localhost","on":true}"#
            #expect(try await api.post("/api/traffic/inspect", body).status == 503)
        }
    }

    @Test func `records are listed and filtered, from the first question on`() async throws {
        try await APIFixture.with { api in
            try await withProxy(of: api) { ask in
                #expect(try await api.get("/api/traffic").json["watching"]?.bool == true)
                for path in ["/a?token=x", "/b", "/c"] { try await ask(path) }
                let all = try await records(api, 3)
                #expect(all.map { $0["path"]?.string } == ["/a?token=•••", "/b", "/c"])
                #expect(all.allSatisfy { TrafficSchemas.record.problem(with: $0) == nil })
                for (query, count) in [
                    ("?limit=2", 2), ("?status=404", 3), ("?status=4xx", 3), ("?status=200", 0),
                    ("?status=failed", 3), ("?app=shop.localhost&method=get", 3),
                    ("?app=blog", 0), ("?text=/B", 1), ("?limit=0", 0),
                ] {
                    #expect(try await records(api, count, query).count == count)
                }
                for query in ["?status=x", "?limit=-1", "?limit=1001", "?method=", "?text="] {
                    #expect(try await api.get("/api/traffic\(query)").status == 400, "\(query)")
                }
            }
        }
    }

    @Test func `details hide secrets until they are revealed with the token`() async throws {
        try await APIFixture.with { api in
            try await withProxy(of: api) { ask in
                let body = #"{"host":"SHOP.localhost","on":true}"#
                let answer = try await api.post("/api/traffic/inspect", body)
                #expect(answer.text == #"{"inspecting":["shop.localhost"]}"# + "\n")
                // The feed's thread asks the proxy.
                while try await api.get("/api/traffic").json["inspecting"]?.array?.isEmpty != false
                {
                    try await Task.sleep(for: .milliseconds(5))
                }
                try await ask("/a?token=x")
                let id = try #require(try await records(api, 1)[0]["id"]?.integer)
                let details = try await api.get("/api/traffic/\(id)")
                #expect(TrafficSchemas.details.problem(with: details.json) == nil)
                let hidden = try #require(TrafficDetails(json: details.json))
                #expect(hidden.record.isInspected)
                #expect(hidden.request?.header("cookie") == "•••")
                #expect(hidden.response?.body.isEmpty == false)
                let refused = try await api.ask(
                    .post,
                    "/api/traffic/\(id)/reveal",
                    [.contentType: "application/json"],
                    "{}",
                )
                #expect(refused.status == 401)
                let shown = try await api.post("/api/traffic/\(id)/reveal")
                #expect(shown.json["path"]?.string == "/a?token=x")
                #expect(TrafficDetails(json: shown.json)?.request?.header("cookie") == "a=b")
                #expect(try await api.get("/api/traffic/999").status == 404)
                #expect(try await api.get("/api/traffic/x").status == 400)
                let har = try await api.get("/api/traffic/har").json["log"]
                #expect(har?["entries"]?.array?.count == 1)
                #expect(har?["version"]?.string == "1.2")
            }
        }
    }

    @Test func `a request is sent again as it was, or with changes`() async throws {
        let sent = Mutex<[ReplayRequest]>([])
        let replay = { @Sendable (request: ReplayRequest) async throws -> ReplayAnswer in
            sent.withLock { $0.append(request) }
            if request.path == "/fail" { throw TrafficFailure.silent }
            return ReplayAnswer(
                status: 201,
                headers: [.init(name: "set-cookie", value: "a=b")],
                body: Array("done".utf8),
                isBodyCut: false,
                duration: .milliseconds(3),
            )
        }
        try await APIFixture.with(replay: replay) { api in
            try await withProxy(of: api) { ask in
                _ = try await api.get("/api/traffic")
                try await ask("/a?token=x")
                let id = try #require(try await records(api, 1)[0]["id"]?.integer)
                let path = "/api/traffic/\(id)/replay"
                let answer = try await api.post(path)
                #expect(
                    answer.text == """
                        {"headers":[["set-cookie","•••"]],"body":{"text":"done"},\
                        "bodyTruncated":false,"status":201,"totalMs":3.0}

                        """
                )
                let change = #"{"method":"PUT","path":"/?token=•••","headers":[["a","b"]],"#
                _ = try await api.post(path, change + #""body":{"base64":"AAE="}}"#)
                let requests = sent.withLock { $0 }
                #expect(requests.map(\.path) == ["/a?token=x", "/?token=x"])
                #expect(requests.map(\.method) == ["GET", "PUT"])
                #expect(requests.last?.headers == [.init(name: "a", value: "b")])
                #expect(requests.last?.body == [0, 1])
                #expect(try await api.post(path, #"{"path":"/fail"}"#).status == 502)
                for body in [#"{"path":"fail"}"#, #"{"body":{"base64":"*"}}"#] {
                    #expect(try await api.post(path, body).code == "NOT_REPLAYABLE")
                }
                for body in [#"{"x":1}"#, #"{"headers":[["a"]]}"#, #"{"body":"text"}"#, "[]"] {
                    #expect(try await api.post(path, body).status == 400, "\(body)")
                }
            }
        }
    }

    @Test func `a stream tells records, inspection, and a new proxy`() async throws {
        try await APIFixture.with { api in
            let stream = try await api.follow("/api/traffic/follow")
            try await withProxy(of: api) { ask in
                try await stream.contains("event: inspecting\ndata: {\"hosts\":[]}\n\n")
                while !stream.text.contains("event: record") {
                    try await ask("/a?token=x")
                    try await Task.sleep(for: .milliseconds(5))
                }
                #expect(stream.text.contains("/a?token=•••"))
                _ = try await api.post("/api/traffic/inspect", #"{"host":"a","on":true}"#)
                try await stream.contains("data: {\"hosts\":[\"a\"]}")
            }
            try await withProxy(of: api) { _ in
                try await stream.contains("event: restarted\ndata: {}\n\n")
                let all = stream.text.split(separator: "restarted")
                // The new proxy inspects what the old one did.
                try await stream.contains("restarted\ndata: {}\n\nevent: inspecting")
                while !stream.text.dropFirst(all[0].count).contains("\"a\"") {
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
            api.streams.close()
        }
    }

    @Test func `the server detaches, and inspection ends, a while after the last client`()
        async throws
    {
        try await APIFixture.with { api in
            try await withProxy(of: api) { _ in
                let feed = TrafficFeed(directory: api.directory, linger: .milliseconds(100))
                #expect(feed.inspect("shop.localhost", isOn: true) == ["shop.localhost"])
                func inspected() async throws -> [JSONValue]? {
                    try await api.get("/api/traffic").json["inspecting"]?.array
                }
                while try await inspected() != [.string("shop.localhost")] {
                    feed.touch()
                    try await Task.sleep(for: .milliseconds(5))
                }
                while try await inspected() != [] { try await Task.sleep(for: .milliseconds(5)) }
            }
        }
    }
}
