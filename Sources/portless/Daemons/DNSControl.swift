import HostSystem
import Machine
import PortlessCore
import Runner

/// The proxy's DNS answers and the machine's resolver, as the commands see both.
struct DNSControl {
    /// Which process has the port for the answers.
    enum Holder: Equatable {
        case proxy
        case none
        case other(String)
    }

    private let context: CommandContext

    init(_ context: CommandContext) {
        self.context = context
    }

    func holder(of port: Port) -> Holder {
        guard let sockets = try? ListeningSockets.on(port: port.rawValue), !sockets.isEmpty else {
            return .none
        }
        let daemon = (try? context.stateDirectory().proxyMarkers())?.record?.daemon
        let holders = ListeningSockets.holders(of: sockets).values.joined()
        if let daemon, holders.contains(daemon) { return .proxy }
        return .other(PortHolders.description(of: port) ?? "Another user's process")
    }

    /// Takes our files away from the resolver; false where there were none.
    func uninstall(mayElevate: Bool) throws -> Bool {
        let resolver = SystemResolver(context)
        do {
            return try waiting { () async throws(ResolverError) in
                try await resolver.uninstall()
            }
        } catch let error as ResolverError {
            let arguments = ["dns", "uninstall", "--files-only"]
            guard error.needsRoot, mayElevate,
                let code = try Elevation(context: context).runAnnounced(arguments)
            else { throw error }
            guard code == 0 else { throw error }
            return true
        }
    }
}

extension SystemResolver {
    init(_ context: CommandContext) {
        self.init(environment: context.environment, runner: context.runner)
    }
}
