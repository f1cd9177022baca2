import HostSystem
import Machine
import PortlessCore
import SystemPackage

/// Looks at everything that a name needs to lead to its app, and changes nothing.
struct Doctor {
    /// A long list helps nobody; the rest is counted.
    private static let shown = 5

    let context: CommandContext
    let proxy: ProxyDescription

    var directory: StateDirectory { proxy.stateDirectory }

    func findings() throws -> [Diagnosis] {
        var findings = stateDirectory()
        findings += stateFiles()
        findings += try proxyFindings()
        findings += crashes()
        findings += try rights()
        findings += authority()
        let (entries, routeFindings) = routes()
        findings += routeFindings
        findings += apps(entries)
        findings += resolution(entries)
        return findings
    }

    private func stateDirectory() -> [Diagnosis] {
        let path = directory.path
        guard let status = try? FileStatus.of(path) else {
            return [missing(path)]
        }
        guard status.isDirectory else {
            return [.fail("\(path) is not a directory.", hint: "Remove it.")]
        }
        let isOwn = status.owner.uid == context.userID || status.owner.uid == directory.owner?.uid
        guard isOwn else {
            return [
                .fail(
                    "The state directory \(path) belongs to user \(status.owner.uid).",
                    hint: "Set PORTLESS_STATE_DIR to a directory of your own.",
                )
            ]
        }
        let others = status.permissions.intersection([.groupWrite, .otherWrite])
        guard others.isEmpty else {
            return [.fail("Others may write to \(path).", hint: "chmod 711 \(path)")]
        }
        return [.ok("The state directory is there and yours.")]
    }

    private func missing(_ path: FilePath) -> Diagnosis {
        let parent = path.removingLastComponent().selfAndAncestors.first { ancestor in
            (try? FileStatus.of(ancestor)) != nil
        }
        guard let parent, FileSystem.isWritable(parent) else {
            return .fail(
                "The state directory \(path) can't be created: \(parent ?? "/") is not writable.",
                hint: "Set PORTLESS_STATE_DIR to a directory of your own.",
            )
        }
        return .info("The state directory \(path) has not been created yet.")
    }

    private func routes() -> ([RouteEntry], [Diagnosis]) {
        let store = RoutesStore(directory: directory)
        do {
            let live = try store.list()
            let dead = try store.dead()
            var findings: [Diagnosis] = [.ok("\(live.count) active route(s).")]
            if !dead.isEmpty {
                let names = dead.map(\.hostname).prefix(Self.shown).joined(separator: ", ")
                findings.append(
                    .warn("\(dead.count) stale route(s): \(names).", hint: "portless prune")
                )
            }
            return (live, findings)
        } catch {
            return ([], [.fail(telling: error)])
        }
    }

    private func apps(_ entries: [RouteEntry]) -> [Diagnosis] {
        let listening = context.listeningPorts()
        return entries.compactMap { entry in
            guard let port = entry.port else {
                return .warn("\(entry.hostname) has no valid port.")
            }
            guard !listening.contains(port.rawValue) else { return nil }
            return .warn("Nothing listens on port \(port), where \(entry.hostname) leads.")
        }
    }

    private func resolution(_ entries: [RouteEntry]) -> [Diagnosis] {
        // Without an app any name tells as much.
        let names =
            entries.isEmpty
            ? proxy.tlds.map { "portless-doctor.\($0)" } : entries.map(\.hostname)
        for name in names.prefix(Self.shown) {
            let finding = Resolution.finding(for: name, addresses: context.addresses(name))
            // Each unknown name can take the resolver seconds, and one tells enough.
            if let finding { return [finding] }
        }
        return [.ok("The names resolve to this machine, for IPv4 and IPv6.")]
    }
}

/// Files that everything else refuses to work with while they can't be understood.
extension Doctor {
    func stateFiles() -> [Diagnosis] {
        let checks: [() throws -> Void] = [
            { _ = try LeaseStore(directory: directory).list() },
            { _ = try AppRegistry(directory: directory).list() },
            { _ = try PortSettings.read(from: directory) },
        ]
        return checks.compactMap { check in
            do {
                try check()
                return nil
            } catch {
                return .fail(telling: error)
            }
        }
    }
}

/// Judges what the system's resolver makes of a name.
enum Resolution {
    /// What is wrong; nil where the name leads to this machine for both families.
    static func finding(for name: String, addresses: [IPAddress]) -> Diagnosis? {
        guard !addresses.isEmpty else {
            return .warn(
                "The system's resolver doesn't know \(name); browsers and curl do.",
                hint: "For other programs: portless hosts sync",
            )
        }
        if let foreign = addresses.first(where: { !$0.isLoopback }) {
            return .warn(
                "\(name) resolves to \(foreign): a VPN or a DNS server overrides it.",
                hint: "portless hosts sync",
            )
        }
        let families = Set(addresses.map(\.isIPv6))
        guard families.count == 1 else { return nil }
        let (has, lacks) = families == [true] ? ("IPv6", "IPv4") : ("IPv4", "IPv6")
        return .info(
            "\(name) resolves for \(has) only; a program that asks for \(lacks) may wait.",
            hint: "For both: portless hosts sync",
        )
    }
}
