import HostSystem
import Logging
import NIOCore
import PortlessCore
import Proxy
import Runner
import Synchronization

/// The server of our own that a tunnel of `portless share` leads to: it passes requests on to one
/// app, whatever their Host says, and asks for the password if there is one.
struct ShareGate {
    let port: Port
    private let server: ProxyServer

    /// Listens on a port of its own, on loopback.
    static func start(
        _ settings: GateSettings,
        owner: Route.Owner,
        in directory: StateDirectory,
    ) async throws -> ShareGate {
        let logger = Logger(label: "share") { _ in SwiftLogNoOpLogHandler() }
        let hostname = settings.hostname
        var configuration = ProxyConfiguration(
            port: 443,
            certificates: nil,
            version: Portless.version,
        )
        configuration.gate = settings
        let owners = ListenerOwners(logger: logger)
        let all = AllRoutes(directory)
        let server = try await ProxyServer(
            configuration: configuration,
            logger: logger,
            listenerCheck: { route, _ in owners.verdict(on: route, among: all.current()) },
            refusalNotice: { route in
                guard case .process(let owner) = route.owner else { return }
                owner.send(ForegroundRun.lookAgain)
            },
            makeRouteSource: { SharedRouteSource(hostname, owner, in: directory) },
        )
        let address = try await server.listen(
            on: ListeningEndpoint(.address(host: "127.0.0.1", port: 0))
        )
        guard let port = address?.port.flatMap({ Port($0) }) else {
            await server.shutDown(grace: .zero)
            throw Failure("The system gives no port to listen on.")
        }
        return ShareGate(port: port, server: server)
    }

    func stop() async {
        await server.shutDown(grace: .milliseconds(200))
    }
}

/// The one route of a shared app; empty once it isn't that app's any more.
final class SharedRouteSource: RouteSource {
    private let file: RoutesFile
    private let hostname: Hostname
    private let owner: Route.Owner
    private var snapshot: RoutesSnapshot?
    private var table = RouteTable.empty

    init(_ hostname: Hostname, _ owner: Route.Owner, in directory: StateDirectory) {
        self.hostname = hostname
        self.owner = owner
        file = RoutesFile(directory: directory, reportProblem: { _ in })
    }

    func current() -> RouteTable {
        let current = file.current()
        if current !== snapshot {
            snapshot = current
            let own = current.routes.filter { $0.hostname == hostname && $0.owner == owner }
            table = RouteTable(routes: own, usesWildcards: false)
        }
        return table
    }

    func forgetIfEnded(_ owner: Route.Owner) {
        file.forgetIfEnded(owner)
    }
}

/// All routes, to tell whose a listener is.
private final class AllRoutes: Sendable {
    private let file: Mutex<RoutesFile>

    init(_ directory: StateDirectory) {
        file = Mutex(RoutesFile(directory: directory, reportProblem: { _ in }))
    }

    func current() -> [Route] { file.withLock { $0.current().routes } }
}
