import Logging
import NIOCore
import PortlessCore
import Synchronization
import SystemPackage
import Testing

@testable import Proxy

/// A route table that a test can replace while the proxy runs.
final class TestRoutes: RouteSource, Sendable {
    private let table: Mutex<RouteTable>
    private let ended = Mutex<[Route.Owner]>([])
    /// How often an owner was looked at.
    let looks = Mutex(0)

    init(_ routes: [Route], usesWildcards: Bool = false) {
        table = Mutex(RouteTable(routes: routes, usesWildcards: usesWildcards))
    }

    func current() -> RouteTable { table.withLock { $0 } }

    /// Ends an owner, which changes no route until the owner is looked at.
    func end(_ owner: Route.Owner) { ended.withLock { $0.append(owner) } }

    func forgetIfEnded(_ owner: Route.Owner) {
        looks.withLock { $0 += 1 }
        guard ended.withLock({ $0.contains(owner) }) else { return }
        table.withLock { table in
            table = RouteTable(
                routes: table.routes.filter { $0.owner != owner },
                usesWildcards: table.usesWildcards,
            )
        }
    }

    func replace(_ routes: [Route]) {
        table.withLock { $0 = RouteTable(routes: routes, usesWildcards: false) }
    }
}

/// Runs `body` against a proxy on a free port, and ends the proxy afterwards.
func withProxy<Result: Sendable>(
    routes: TestRoutes,
    certificates: (any CertificateSource)? = nil,
    bootWait: TimeAmount = .seconds(30),
    limits: ClientLimits = ClientLimits(),
    listenerCheck: ListenerCheck? = nil,
    refusalNotice: RefusalNotice? = nil,
    trafficFolder: FilePath? = nil,
    gate: GateSettings? = nil,
    authority: FilePath? = nil,
    _ body: (_ port: Int) async throws -> Result,
) async throws -> Result {
    try await withProxy(
        source: routes,
        certificates: certificates,
        bootWait: bootWait,
        limits: limits,
        listenerCheck: listenerCheck,
        refusalNotice: refusalNotice,
        trafficFolder: trafficFolder,
        gate: gate,
        authority: authority,
        body,
    )
}

/// The same with any source of routes, and with what starts apps.
func withProxy<Result: Sendable>(
    source routes: any RouteSource & Sendable,
    starter: AppStarter? = nil,
    certificates: (any CertificateSource)? = nil,
    bootWait: TimeAmount = .seconds(30),
    limits: ClientLimits = ClientLimits(),
    listenerCheck: ListenerCheck? = nil,
    refusalNotice: RefusalNotice? = nil,
    trafficFolder: FilePath? = nil,
    gate: GateSettings? = nil,
    authority: FilePath? = nil,
    _ body: (_ port: Int) async throws -> Result,
) async throws -> Result {
    var configuration = ProxyConfiguration(
        port: 1355,
        certificates: certificates,
        bootWait: bootWait,
        limits: limits,
        version: "test",
        authority: authority,
    )
    configuration.gate = gate
    let server = try await ProxyServer(
        configuration: configuration,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        listenerCheck: listenerCheck,
        refusalNotice: refusalNotice,
        starter: starter,
    ) { routes }
    let address = try await server.listen(
        on: ListeningEndpoint(.address(host: "127.0.0.1", port: 0))
    )
    do {
        if let trafficFolder {
            try await server.openTraffic(in: trafficFolder, as: "traffic.sock")
        }
        let result = try await body(try #require(address?.port))
        await server.shutDown(grace: .zero)
        return result
    } catch {
        await server.shutDown(grace: .zero)
        throw error
    }
}

/// One alias named `app.localhost` for an upstream's port.
func appRoute(_ port: Int, owner: Route.Owner = .alias) throws -> TestRoutes {
    TestRoutes([
        Route(
            hostname: try #require(Hostname("app.localhost")),
            port: try #require(Port(port)),
            owner: owner,
        )
    ])
}
