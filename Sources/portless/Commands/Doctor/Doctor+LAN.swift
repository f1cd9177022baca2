import HostSystem
import Machine
import PortlessCore

extension Doctor {
    /// How many names a list shows.
    private static let shownNames = 5

    /// What LAN mode needs, and which names the network doesn't see; empty outside LAN mode.
    func localNetwork() -> [Diagnosis] {
        guard proxy.isRunning, proxy.isOwn, proxy.isLAN else { return [] }
        return [publisher, address] + unpublished
    }

    private var publisher: Diagnosis {
        let tool = MDNSTool.current
        return ProgramSearch.find(tool.program, path: context.environment["PATH"]) == nil
            ? .fail(
                "mDNS publishing isn't available: \(tool.program) not found.",
                hint: tool.remedy,
            )
            : .ok("mDNS publishing is available.")
    }

    private var address: Diagnosis {
        guard let address = proxy.lanAddress else {
            return .warn(
                "No LAN IP is recorded: this machine is in no local network, or in several.",
                hint: "Name one: portless proxy stop && portless proxy start --lan --ip <address>",
            )
        }
        return .info(
            "Every computer of the local network reaches the apps, at \(address).",
            hint: "Without: portless proxy stop && portless proxy start",
        )
    }

    private var unpublished: [Diagnosis] {
        let names = (try? directory.mdnsStatus())?.names ?? []
        let refused = names.compactMap { name -> Diagnosis? in
            guard case .refused(let reason) = name.state else { return nil }
            return .warn("\(name.name) isn't published: \(reason)")
        }
        return Array(refused.prefix(Self.shownNames))
    }
}
