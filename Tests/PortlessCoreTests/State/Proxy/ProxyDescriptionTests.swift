import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@Suite struct ProxyDiscoveryTests {
    private func describe(
        environment: [String: String] = [:],
        proxies: Set<Port> = [],
        listening: Set<Port> = [],
        alive: Set<Int32> = [],
        denied: Set<Port> = [],
        prepare: (inout ProxyMarkers) throws -> Void = { _ in },
    ) throws -> ProxyDescription {
        var markers = ProxyMarkers()
        try prepare(&markers)
        return try TemporaryDirectory.with { [markers] folder in
            let directory = StateDirectory(path: folder)
            try directory.write(markers)
            let discovery = ProxyDiscovery(
                directory: directory,
                environment: environment,
                probe: { proxies.contains($0) },
                isListening: { listening.contains($0) },
                isAlive: { alive.contains($0.pid) },
                isDenied: { denied.contains($0) },
            )
            return try discovery.describe()
        }
    }

    @Test func `without a proxy names are shown as the next one will serve them`() throws {
        func url(_ proxy: ProxyDescription) throws -> String {
            #expect(!proxy.isRunning)
            return proxy.url(for: try #require(Hostname("app.localhost")))
        }
        #expect(try url(describe()) == "https://app.localhost")
        #expect(try url(describe(denied: [443])) == "https://app.localhost:1355")
        #expect(try url(describe(listening: [443, 1355])) == "https://app.localhost:1356")
        let plain = ["PORTLESS_HTTPS": "0"]
        #expect(try url(describe(environment: plain)) == "http://app.localhost")
        #expect(try url(describe(environment: plain, denied: [80])) == "http://app.localhost:1355")
        let chosen = try describe(environment: ["PORTLESS_PORT": "8443"], listening: [8443])
        #expect(try url(chosen) == "https://app.localhost:8443")
        let killed = try describe {
            $0.port = 8080
            $0.tlds = [try TLD(parsing: "test")]
        }
        #expect(try url(killed) == "http://app.localhost:8080")
        #expect(killed.tlds.map(\.description) == ["test"])
    }

    @Test func `a value of the environment that can't be used is an error`() {
        #expect(throws: EnvironmentError.notAPort("abc", variable: "PORTLESS_PORT")) {
            try describe(environment: ["PORTLESS_PORT": "abc"], proxies: [443])
        }
    }

    @Test func `the port on file is the proxy's if it answers there`() throws {
        let proxy = try describe(proxies: [8443, 443]) {
            $0.port = 8443
            $0.usesTLS = true
            $0.tlds = [try TLD(parsing: "test")]
        }
        #expect(proxy.isRunning)
        #expect(proxy.port == 8443)
        #expect(proxy.usesTLS)
        #expect(proxy.tlds.map(\.description) == ["test"])
    }

    @Test func `a busy proxy counts as running while its process lives`() throws {
        let busy = try describe(listening: [8443], alive: [7]) {
            $0.port = 8443
            $0.pid = 7
        }
        #expect(busy.isRunning)
        let stranger = try describe(listening: [8443]) {
            $0.port = 8443
            $0.pid = 7
        }
        #expect(!stranger.isRunning)
    }

    @Test(arguments: [(443, true), (80, false), (1355, false), (9000, false)])
    func `without files the usual ports are asked`(port: Int, usesTLS: Bool) throws {
        let port = try #require(Port(port))
        let proxy = try describe(environment: ["PORTLESS_PORT": "9000"], proxies: [port])
        #expect(proxy.isRunning)
        #expect(proxy.port == port)
        #expect(proxy.usesTLS == usesTLS)
    }

    @Test func `a proxy that answers is another directory's without a process of this one`() throws
    {
        let prepare: (inout ProxyMarkers) -> Void = {
            $0.port = 1355
            $0.pid = 7
        }
        #expect(try describe(proxies: [1355], alive: [7], prepare: prepare).isOwn)
        #expect(try !describe(proxies: [1355], prepare: prepare).isOwn)
        #expect(try !describe(proxies: [1355]).isOwn)
    }

    @Test func `a chosen directory has nothing to do with proxies elsewhere`() throws {
        let environment = ["PORTLESS_STATE_DIR": "/somewhere"]
        let proxy = try describe(environment: environment, proxies: [443, 80, 1355])
        #expect(!proxy.isRunning)
    }

    @Test func `LAN mode shows in the marker and in the TLD of a running proxy`() throws {
        let marked = try describe { $0.lanAddress = "10.0.0.2" }
        #expect(marked.isLAN)
        #expect(marked.lanAddress == nil)
        let running = try describe(proxies: [80]) { $0.tlds = [.local] }
        #expect(running.isLAN)
    }
}
