import HostSystem
import NIOCore
import PortlessCore
import Synchronization
import SystemPackage
import Testing

@testable import Proxy

/// Names that start apps, and what is asked for them.
private final class Sleepers: RouteSource, Sendable {
    let routes: TestRoutes
    private let names: StartableNames
    /// The apps that were asked for.
    let asked = Mutex<[String]>([])

    init(
        _ hostnames: [String],
        isForVisits: Bool = false,
        routes: [Route] = [],
        usesWildcards: Bool = false,
    ) throws {
        self.routes = TestRoutes(routes, usesWildcards: usesWildcards)
        names = StartableNames(
            try hostnames.map { hostname in
                StartableName(
                    hostname: try #require(Hostname(hostname)),
                    app: try AppName(parsing: String(hostname.split(separator: ".")[0])),
                    isForVisits: isForVisits,
                )
            },
            usesWildcards: usesWildcards,
        )
    }

    func current() -> RouteTable { routes.current() }
    func forgetIfEnded(_ owner: Route.Owner) { routes.forgetIfEnded(owner) }
    func startable() -> StartableNames { names }

    /// Answers after the asker is done.
    func starter(_ answer: StartAnswer) -> AppStarter {
        { app, take in
            self.asked.withLock { $0.append(app.description) }
            take(answer)
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct RequestedStartTests {
    private func get(
        _ host: String = "app.localhost",
        _ fields: String = "",
        path: String = "/",
    )
        -> String
    {
        "GET \(path) HTTP/1.1\r\nHost: \(host)\r\n\(fields)\r\n"
    }

    private let page = "Accept: text/html\r\nSec-Fetch-Mode: navigate\r\n"

    private func head(_ port: Int, _ request: String) async throws -> String {
        try await RawConnection.with(port: port) { client in
            try await client.send(request)
            return try await client.readResponse().head
        }
    }

    @Test func `a browser's visit starts the app once, and shows the page that waits`() async throws
    {
        let sleepers = try Sleepers(["app.localhost"])
        try await withProxy(source: sleepers, starter: sleepers.starter(.coming)) { port in
            for _ in 0..<10 {
                try await RawConnection.with(port: port) { client in
                    try await client.send(get("app.localhost", page))
                    let answer = try await client.readResponse()
                    #expect(answer.head.hasPrefix("HTTP/1.1 503 "))
                    #expect(answer.body.contains("app.localhost is starting"))
                    #expect(answer.body.contains("location.reload()"))
                }
            }
        }
        #expect(sleepers.asked.withLock { Set($0) } == ["app"])
    }

    @Test func `fifty other requests wait, ask once, and go where the app then listens`()
        async throws
    {
        let sleepers = try Sleepers(["app.localhost"])
        let held = try BoundSocket.tcp(HostSystem.SocketAddress(.loopbackIPv4, port: 0))
        let upstream = Int(try BoundSocket.address(of: held).port)
        try await withProxy(source: sleepers, starter: sleepers.starter(.coming)) { port in
            try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<50 {
                    group.addTask {
                        try await RawConnection.with(port: port) { client in
                            try await client.send(get(path: "/\(number)"))
                            return try await client.readResponse().body
                        }
                    }
                }
                while sleepers.asked.withLock({ $0.isEmpty }) {
                    try await Task.sleep(for: .milliseconds(5))
                }
                try sleepers.routes.replace(
                    appRoute(upstream, owner: .process(.current)).current().routes
                )
                let script = ScriptedUpstream.answering(HTTP1ForwardingTests.ok)
                try await ScriptedUpstream(script, held: held.rawValue).run { _, _ in
                    for try await body in group { #expect(body == "ok") }
                }
            }
        }
        // One question each second, while requests wait.
        #expect(sleepers.asked.withLock { $0.count } < 20)
    }

    @Test func `a failed start is shown with the last lines, and ends the waiting`() async throws {
        let sleepers = try Sleepers(["app.localhost"])
        let refusal = StartRefusal(
            detail: "web of app has failed. It exited with code 3.",
            lines: ["Error: <boom>", "\u{1B}[31mred"],
            retryAfter: 7,
        )
        try await withProxy(source: sleepers, starter: sleepers.starter(.refused(refusal))) {
            port in
            try await RawConnection.with(port: port) { client in
                try await client.send(get())
                let answer = try await client.readResponse()
                #expect(answer.head.hasPrefix("HTTP/1.1 502 "))
                #expect(answer.head.contains("retry-after: 7\r\n"))
                #expect(answer.body.contains("It exited with code 3."))
                #expect(answer.body.contains("Error: <boom>") && !answer.body.contains("\u{1B}"))
            }
            let begin = ContinuousClock.now
            // The first page waits, and learns it from the answer to its own request.
            let html = try await head(port, get("app.localhost", page))
            #expect(html.hasPrefix("HTTP/1.1 50"))
            for _ in 0..<50 { _ = try await head(port, get()) }
            // One question each second at most, besides the first ones.
            let seconds = begin.duration(to: .now).components.seconds
            #expect(sleepers.asked.withLock { $0.count } < Int(seconds) + 10)
        }
    }

    @Test func `what browsers ask for by themselves starts nothing`() async throws {
        let own = [
            get("app.localhost", "", path: "/favicon.ico"),
            get("app.localhost", "", path: "/apple-touch-icon-120x120.png"),
            get("app.localhost", "Sec-Fetch-Dest: image\r\n", path: "/logo.svg"),
            get("app.localhost", page + "Sec-Purpose: prefetch;prerender\r\n"),
            get("app.localhost", page + "Purpose: prefetch\r\n"),
        ]
        let sleepers = try Sleepers(["app.localhost"])
        try await withProxy(source: sleepers, starter: sleepers.starter(.coming)) { port in
            for request in own {
                #expect(try await head(port, request).hasPrefix("HTTP/1.1 503 "), "\(request)")
            }
            #expect(sleepers.asked.withLock { $0 } == [])
            // A page of another app calls this one.
            let call = get("app.localhost", page.replacing("navigate", with: "cors"))
            _ = try await head(port, call)
            #expect(sleepers.asked.withLock { $0 } == ["app"])
        }
        // Its user stopped it, and a page of it is still open.
        let stopped = try Sleepers(["app.localhost"], isForVisits: true)
        try await withProxy(source: stopped, starter: stopped.starter(.coming)) { port in
            for mode in ["cors", "same-origin", "websocket", "no-cors"] {
                let call = get("app.localhost", page.replacing("navigate", with: mode))
                #expect(try await head(port, call).hasPrefix("HTTP/1.1 503 "))
            }
            #expect(stopped.asked.withLock { $0 } == [])
            _ = try await head(port, get("app.localhost", page))
            #expect(stopped.asked.withLock { $0 } == ["app"])
        }
    }

    @Test func `names that are unknown, or have a route, never reach the server`() async throws {
        let route = try appRoute(1, owner: .alias).current().routes
        let sleepers = try Sleepers(
            ["app.localhost", "b.app.localhost"],
            routes: route,
            usesWildcards: true,
        )
        try await withProxy(source: sleepers, starter: sleepers.starter(.coming)) { port in
            for _ in 0..<50 {
                let head = try await head(port, get("nothing.localhost", page))
                #expect(head.hasPrefix("HTTP/1.1 404 "))
            }
            _ = try await head(port, get("app.localhost", page))
            _ = try await head(port, get("x.app.localhost", page))
            #expect(sleepers.asked.withLock { $0 } == [])
            // A name of its own goes before another app's wildcard.
            _ = try await head(port, get("x.b.app.localhost:1355", page))
            #expect(sleepers.asked.withLock { $0 } == ["b"])
        }
    }

    @Test func `without a server the answer says so`() async throws {
        let sleepers = try Sleepers(["app.localhost"])
        try await withProxy(source: sleepers, bootWait: .milliseconds(50)) { port in
            let answer = try await head(port, get())
            #expect(answer.hasPrefix("HTTP/1.1 503 "))
        }
    }
}
