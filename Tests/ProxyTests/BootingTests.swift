import HostSystem
import NIOCore
import PortlessCore
import Synchronization
import SystemPackage
import Testing

@testable import Proxy

@Suite(.timeLimit(.minutes(1))) struct BootingTests {
    /// A port that is bound for as long as the descriptor is open, so that nothing can listen on it.
    private func silentPort() throws -> (port: Int, held: SystemPackage.FileDescriptor) {
        let loopback = HostSystem.SocketAddress(.loopbackIPv4, port: 0)
        let held = try BoundSocket.tcp(loopback)
        return (Int(try BoundSocket.address(of: held).port), held)
    }

    private let running = Route.Owner.process(ProcessIdentity.current)
    private let ended = Route.Owner.process(ProcessIdentity(pid: Int32.max, startTime: 1))

    private func request(accept: String, path: String = "/") -> String {
        "GET \(path) HTTP/1.1\r\nHost: app.localhost\r\nAccept: \(accept)\r\n\r\n"
    }

    @Test func `tells a browser at once that the app is starting`() async throws {
        let (silent, held) = try silentPort()
        defer { try? held.close() }
        let routes = try appRoute(silent, owner: running)
        try await withProxy(routes: routes) { port in
            try await RawConnection.with(port: port) { client in
                try await client.send(request(accept: "text/html,*/*"))
                let answer = try await client.readResponse()
                #expect(answer.head.hasPrefix("HTTP/1.1 503 "))
                #expect(answer.head.contains("retry-after: 1\r\n"))
                #expect(answer.body.contains("app.localhost is starting"))
                #expect(answer.body.contains("location.reload()"))
            }
        }
    }

    @Test func `lets other requests wait until the app listens`() async throws {
        let (upstream, held) = try silentPort()
        try await withProxy(routes: try appRoute(upstream, owner: running)) { port in
            try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        try await RawConnection.with(port: port) { client in
                            try await client.send(request(accept: "*/*", path: "/\(number)"))
                            return try await client.readResponse().body
                        }
                    }
                }
                // Another client sees the waiting room from outside: the browser's page.
                try await RawConnection.with(port: port) { client in
                    try await client.send(request(accept: "text/html"))
                    #expect(try await client.readResponse().head.hasPrefix("HTTP/1.1 503 "))
                }
                let script = ScriptedUpstream.answering(HTTP1ForwardingTests.ok)
                try await ScriptedUpstream(script, held: held.rawValue).run { _, _ in
                    for try await body in group { #expect(body == "ok") }
                }
            }
        }
    }

    @Test func `goes on waiting where the app is started again`() async throws {
        let (first, old) = try silentPort()
        defer { try? old.close() }
        let (second, held) = try silentPort()
        let routes = try appRoute(first, owner: running)
        try await withProxy(routes: routes) { port in
            try await RawConnection.with(port: port) { client in
                try await client.send(request(accept: "*/*"))
                // A later page shows that the proxy has taken the request up.
                try await RawConnection.with(port: port) { other in
                    try await other.send(request(accept: "text/html"))
                    _ = try await other.readResponse()
                    routes.replace(try appRoute(second, owner: running).current().routes)
                    try await other.send(request(accept: "text/html"))
                    let answer = try await other.readResponse()
                    #expect(answer.head.hasPrefix("HTTP/1.1 503 "))
                }
                let script = ScriptedUpstream.answering(HTTP1ForwardingTests.ok)
                try await ScriptedUpstream(script, held: held.rawValue).run { _, _ in
                    let answer = try await client.readResponse()
                    #expect(answer.body == "ok")
                }
            }
        }
    }

    @Test func `gives up waiting after the bound`() async throws {
        let (silent, held) = try silentPort()
        defer { try? held.close() }
        let routes = try appRoute(silent, owner: running)
        try await withProxy(
            routes: routes,
            bootWait: .milliseconds(50),
        ) { port in
            try await RawConnection.with(port: port) { client in
                try await client.send(request(accept: "application/json"))
                let answer = try await client.readResponse()
                #expect(answer.head.hasPrefix("HTTP/1.1 503 "))
                #expect(answer.head.contains("content-type: application/problem+json\r\n"))
                #expect(answer.body.contains(#""status":503"#))
            }
        }
    }

    @Test func `does not wait for an app that has ended, nor for an alias`() async throws {
        for owner in [ended, .alias] {
            let (silent, held) = try silentPort()
            defer { try? held.close() }
            let routes = try appRoute(silent, owner: owner)
            try await withProxy(routes: routes) { port in
                try await RawConnection.with(port: port) { client in
                    try await client.send(request(accept: "*/*"))
                    let answer = try await client.readResponse()
                    #expect(answer.head.hasPrefix("HTTP/1.1 502 "))
                    #expect(answer.head.contains("content-type: text/plain; charset=utf-8\r\n"))
                }
            }
        }
    }

    @Test func `does not call a crashed app a starting one`() async throws {
        let (upstream, held) = try silentPort()
        try await withProxy(routes: try appRoute(upstream, owner: running)) { port in
            let once: ScriptedUpstream.Script = { connection, _ in
                _ = try await connection.read(until: "\r\n\r\n")
                try await connection.send(
                    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
                )
            }
            try await ScriptedUpstream(once, held: held.rawValue).run { _, _ in
                try await RawConnection.with(port: port) { client in
                    try await client.send(request(accept: "*/*"))
                    #expect(try await client.readResponse().body == "ok")
                }
            }
            try await RawConnection.with(port: port) { client in
                try await client.send(request(accept: "text/html"))
                let answer = try await client.readResponse()
                #expect(answer.head.hasPrefix("HTTP/1.1 502 "))
                #expect(answer.body.contains("it may have crashed"))
            }
        }
    }

    @Test func `the run of an app hears that it refuses, once for many requests`() async throws {
        let told = Mutex<[String]>([])
        let notice: RefusalNotice = { route in
            told.withLock { $0.append(route.hostname.description) }
        }
        let (silent, held) = try silentPort()
        defer { try? held.close() }
        let routes = try appRoute(silent, owner: running)
        let start = ContinuousClock.now
        try await withProxy(routes: routes, refusalNotice: notice) { port in
            for _ in 0..<20 {
                try await RawConnection.with(port: port) { client in
                    try await client.send(request(accept: "text/html"))
                    #expect(try await client.readResponse().head.hasPrefix("HTTP/1.1 503 "))
                }
            }
        }
        let notices = told.withLock { $0 }
        #expect(notices.first == "app.localhost")
        // Five in a second at the most, however slow this machine is.
        #expect(Duration.milliseconds(200) * (notices.count - 1) < start.duration(to: .now))
    }

    @Test func `an app that answers is nothing to tell of`() async throws {
        let told = Atomic(0)
        let notice: RefusalNotice = { _ in told.add(1, ordering: .relaxed) }
        try await ScriptedUpstream(ScriptedUpstream.answering(HTTP1ForwardingTests.ok)).run {
            upstream,
            _ in
            try await withProxy(
                routes: try appRoute(upstream, owner: running),
                refusalNotice: notice,
            ) { port in
                try await RawConnection.with(port: port) { client in
                    try await client.send(request(accept: "*/*"))
                    #expect(try await client.readResponse().body == "ok")
                }
            }
        }
        #expect(told.load(ordering: .relaxed) == 0)
    }

    @Test func `refuses to pass a request on to another app's listener`() async throws {
        try await ScriptedUpstream(ScriptedUpstream.answering(HTTP1ForwardingTests.ok)).run {
            upstream,
            connections in
            let check: ListenerCheck = { route, _ in
                route.hostname.description == "app.localhost"
                    ? .refuse(holder: "another app (pid 7)") : .unrestricted
            }
            try await withProxy(
                routes: try appRoute(upstream, owner: running),
                listenerCheck: check,
            ) { port in
                try await RawConnection.with(port: port) { client in
                    try await client.send(request(accept: "text/html"))
                    let answer = try await client.readResponse()
                    #expect(answer.head.hasPrefix("HTTP/1.1 502 "))
                    #expect(answer.body.contains("is held by another app (pid 7)"))
                }
                #expect(connections.value == 0)
            }
        }
    }
}
