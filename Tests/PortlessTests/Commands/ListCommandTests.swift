import HostSystem
import SystemPackage
import Testing

@testable import PortlessCore
@testable import portless

@Suite struct ListCommandTests {
    private let proxy = ProxyDescription(
        stateDirectory: StateDirectory(path: "/nowhere"),
        isRunning: true,
        port: 1355,
        usesTLS: true,
        tlds: [.localhost],
    )

    private func entry(_ name: String, _ port: Port, _ owner: Route.Owner) throws -> RouteEntry {
        let hostname = try #require(Hostname(name))
        return RouteEntry(Route(hostname: hostname, port: port, owner: owner))
    }

    @Test func `a line names URL, port and owner, as the original's does`() throws {
        let process = ProcessIdentity(pid: 321, startTime: nil)
        #expect(
            ListCommand.lines(
                for: try entry("myapp.localhost", 4123, .process(process)),
                proxy: proxy,
            ) == ["  https://myapp.localhost:1355  ->  localhost:4123  (pid 321)"]
        )
        #expect(
            ListCommand.lines(for: try entry("db.localhost", 5432, .alias), proxy: proxy)
                == ["  https://db.localhost:1355  ->  localhost:5432  (alias)"]
        )
    }

    @Test func `shared addresses follow indented`() throws {
        var shared = try entry("myapp.localhost", 4123, .alias)
        shared.tailscaleURL = "https://box.tail.ts.net"
        shared.ngrokURL = "https://x.ngrok.app"
        #expect(
            ListCommand.lines(for: shared, proxy: proxy).dropFirst() == [
                "    tailscale: https://box.tail.ts.net", "    ngrok: https://x.ngrok.app",
            ]
        )
    }
}
