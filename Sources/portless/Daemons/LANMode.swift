import HostSystem
import Machine
import PortlessCore

/// What LAN mode needs of the machine, and how a user learns of it.
enum LANMode {
    /// The settings, if the machine can serve them.
    ///
    /// What was asked for is refused where it can't; of what is only continued from an earlier proxy
    /// the user is warned.
    static func checked(
        _ settings: ProxySettings,
        isAskedFor: Bool,
        _ context: CommandContext,
    ) throws -> ProxySettings {
        guard settings.isLAN else { return settings }
        do {
            try check(settings, context)
            return settings
        } catch {
            guard !isAskedFor else { throw error }
            context.console.warn("The local network isn't served as before. \(error)")
            return settings.withoutLAN
        }
    }

    private static func check(_ settings: ProxySettings, _ context: CommandContext) throws {
        let tool = MDNSTool.current
        guard ProgramSearch.find(tool.program, path: context.environment["PATH"]) != nil else {
            throw Failure(
                "LAN mode requires mDNS publishing: \(tool.program) not found.",
                remedy: tool.remedy,
            )
        }
        guard settings.lanAddress != nil || context.lanAddress() != nil else {
            throw Failure(
                "LAN mode needs this machine's address in a local network, and there isn't just one.",
                remedy: "Join a network, or name the address: --ip 192.168.1.20",
            )
        }
    }

    /// Tells who else reaches the apps from now on.
    static func announce(_ proxy: ProxyDescription, on console: Console) {
        guard proxy.isLAN else { return }
        let place = proxy.lanAddress.map { " at \($0)" } ?? ""
        console.say(
            "-- LAN mode: every computer of the local network\(place) reaches all apps as name.local"
        )
    }
}

/// How the names of a proxy in LAN mode stand in the local network.
struct LANReach {
    /// Nil while this machine has no address there.
    let address: String?
    let status: MDNSStatus?

    /// For people; nil for a name that the network doesn't see.
    func line(of entry: RouteEntry) -> String? {
        guard entry.isForLocalNetwork else { return nil }
        switch status?.state(of: entry.hostname) {
        case .published: return "published at \(address ?? "no address")"
        case .refused(let reason): return "not published: \(reason)"
        case .publishing, nil: return "being published"
        }
    }

    /// `published`, `publishing` or `refused`; null for a name that the network doesn't see.
    func json(of entry: RouteEntry) -> JSONValue {
        guard entry.isForLocalNetwork else { return .null }
        switch status?.state(of: entry.hostname) {
        case .published: return .string("published")
        case .refused: return .string("refused")
        case .publishing, nil: return .string("publishing")
        }
    }
}

extension ProxyDescription {
    /// Nil outside LAN mode.
    func lanReach() throws -> LANReach? {
        guard isRunning, isLAN else { return nil }
        return LANReach(address: lanAddress, status: try stateDirectory.mdnsStatus())
    }
}
