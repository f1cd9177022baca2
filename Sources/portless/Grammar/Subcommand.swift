/// The words that name a subcommand.
enum Subcommand: String, CaseIterable, Sendable {
    case list, get, alias, hosts, doctor, trust, clean, prune, proxy, service
    case demo, open, untrust, ports, apps, server, dashboard
    case up, down, restart, ps, logs
    case guardian = "__guardian"
    case keeper = "__keeper"
    case demoApp = "__demo-app"

    /// Whether the word can never be an app's name: reserved by the npm original too, or internal.
    ///
    /// The others are new, and must not take a name away from an app that has it already.
    var isReserved: Bool {
        switch self {
        case .list, .get, .alias, .hosts, .doctor, .trust, .clean, .prune, .proxy, .service:
            true
        case .guardian, .keeper, .demoApp:
            true
        case .demo, .open, .untrust, .ports, .apps, .server, .dashboard, .up, .down,
            .restart, .ps, .logs:
            false
        }
    }

    /// Whether the arguments are this command's grammar; asked of words that are not reserved.
    ///
    /// `isProgram` tells apart `portless up shop blog`, two apps, and `portless up node server.js`,
    /// an app called up. A port is no program, so what begins with one is ours, and is told what is
    /// wrong with it.
    func understands(_ arguments: [String], isProgram: (String) -> Bool) -> Bool {
        if let first = arguments.first, PortWord.isLikely(first) { return true }
        let (flags, names) = Self.split(arguments)
        let known: Set<String>
        let mostNames: Int
        switch self {
        case .demo: (known, mostNames) = (["--once"], 0)
        case .open: (known, mostNames) = ([], 1)
        case .untrust: (known, mostNames) = ([], 0)
        case .ports: return PortsGrammar.isPortsCall(arguments, isProgram: isProgram)
        case .apps: return PortsGrammar.isAppsCall(arguments)
        case .server: return ServerGrammar.isServerCall(arguments)
        case .dashboard: (known, mostNames) = (["--no-open"], 0)
        case .up, .down, .restart, .ps, .logs:
            return SupervisionGrammar.isCall(of: self, arguments, isProgram: isProgram)
        default: return true
        }
        return names.count <= mostNames
            && flags.allSatisfy { known.contains($0) || $0 == "--help" || $0 == "-h" }
    }

    private static func split(_ arguments: [String]) -> (flags: [String], names: [String]) {
        (arguments.filter { $0.hasPrefix("-") }, arguments.filter { !$0.hasPrefix("-") })
    }
}
