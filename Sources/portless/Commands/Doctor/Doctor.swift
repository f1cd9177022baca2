import HostSystem
import Machine
import PortlessCore
import SystemPackage

/// Checks everything that a name needs to lead to its app, and changes nothing.
struct Doctor {
    /// How many names a list shows; the rest is only counted.
    private static let shown = 5

    let context: CommandContext
    let proxy: ProxyDescription

    var directory: StateDirectory { proxy.stateDirectory }

    func report() throws -> DoctorReport {
        let (authority, ofAuthority) = self.authority()
        let (entries, ofRoutes) = routes()
        var report = DoctorReport(
            version: Portless.version,
            stateDirectory: directory.path,
            target: target,
            diagnoses: (stateDirectory() + stateFiles() + permissions()).about(.state)
                + (try proxyDiagnoses() + services() + crashes()).about(.proxy)
                + (try rights()).about(.ports) + ofAuthority.about(.certificates)
                + (ofRoutes + apps(entries) + shares(entries) + containers(entries)
                + localNetwork() + resolution(entries)).about(.names),
        )
        report.authority = authority
        report.running = running
        return report
    }

    private var target: String {
        proxy.tlds.map { tld in
            BareURL(usesTLS: proxy.usesTLS, host: "*.\(tld)", port: proxy.port).description
        }.joined(separator: ", ")
    }

    private var running: [(daemon: String, version: String)] {
        var running: [(daemon: String, version: String)] = []
        if proxy.isRunning, proxy.isOwn, let version = proxy.version {
            running.append(("proxy", version))
        }
        if let server = try? directory.serverRecord(), server.process.isAlive {
            running.append(("server", server.version))
        }
        return running
    }

    private func stateDirectory() -> [Diagnosis] {
        let path = directory.path
        guard let status = try? FileStatus.of(path) else {
            return [missing(path)]
        }
        guard status.isDirectory else {
            return [.fail("\(path) is not a directory.", hint: "Remove it.")]
        }
        guard isOurs(status) else {
            return [
                .fail(
                    "The state directory \(path) belongs to user \(status.owner.uid).",
                    hint: "Set PORTLESS_STATE_DIR to a directory of your own.",
                )
            ]
        }
        let others = status.permissions.intersection([.groupWrite, .otherWrite])
        guard others.isEmpty else {
            return [.fail("Others may write to \(path).", fix: "chmod 711 \(path)")]
        }
        return [.ok("The state directory is there and yours.")]
    }

    private func isOurs(_ status: FileStatus) -> Bool {
        status.owner.uid == context.userID || status.owner.uid == directory.owner?.uid
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
            var diagnoses: [Diagnosis] = [.ok("\(live.count) active route(s).")]
            if !dead.isEmpty {
                let names = dead.map(\.hostname).prefix(Self.shown).joined(separator: ", ")
                diagnoses.append(
                    .warn("\(dead.count) stale route(s): \(names).", fix: "portless prune")
                )
            }
            return (live, diagnoses)
        } catch {
            return ([], [.fail(telling: error)])
        }
    }

    private func apps(_ entries: [RouteEntry]) -> [Diagnosis] {
        let listening = context.listeningPorts()
        return entries.compactMap { entry in
            if let socket = entry.socket {
                guard (try? FileStatus.of(socket)) == nil else { return nil }
                return .warn("There is no socket \(socket), where \(entry.hostname) leads.")
            }
            guard let port = entry.port else {
                return .warn("\(entry.hostname) has no valid port.")
            }
            // The engine may pass a container's port on without a listener.
            guard !listening.contains(port.rawValue), entry.container == nil else { return nil }
            return .warn("Nothing listens on port \(port), where \(entry.hostname) leads.")
        }
    }

    private func containers(_ entries: [RouteEntry]) -> [Diagnosis] {
        guard ContainerSettings.read(from: directory).isWatching == true else { return [] }
        guard let file = ContainersFile.read(from: directory) else {
            return [
                .info(
                    "Containers get names while the server runs, which it doesn't.",
                    hint: "To start it",
                    fix: "portless server start",
                )
            ]
        }
        if let problem = file.problem {
            return [.warn("Containers get no names: \(problem.visibleLine)")]
        }
        let named = Set(entries.compactMap(\.container)).count
        return [.ok("\(named) of \(file.containers.count) running container(s) have names.")]
    }

    /// What others reach, and what a crash has left shared.
    private func shares(_ entries: [RouteEntry]) -> [Diagnosis] {
        let known = entries.flatMap { entry in
            entry.addresses.map { address -> Diagnosis in
                .info("\(entry.hostname) is \(address.provider.reach.words): \(address.url)")
            }
        }
        do {
            let left = try SharesStore(directory: directory).left().map { record -> Diagnosis in
                .warn(
                    "\(record.hostname) may still be shared by \(record.provider.title).",
                    hint: "What shared it is gone",
                    fix: "portless prune",
                )
            }
            return known + left
        } catch {
            return known + [.fail(telling: error)]
        }
    }

    private func resolution(_ entries: [RouteEntry]) -> [Diagnosis] {
        // Without an app any name will do.
        let all =
            entries.isEmpty
            ? proxy.tlds.map { "portless-doctor.\($0)" } : entries.map(\.hostname)
        // Those that the network is told lead to this machine's address there.
        let names = all.filter { name in
            !(proxy.isLAN && Hostname(name)?.isInLocalNetwork == true)
        }
        for name in names.prefix(Self.shown) {
            let diagnosis = Resolution.diagnosis(of: name, addresses: context.addresses(name))
            // Each unknown name can take the resolver seconds, so the first problem is enough.
            if let diagnosis { return [diagnosis] }
        }
        return [.ok("The names resolve to this machine, for IPv4 and IPv6.")]
    }
}

/// Files with which commands refuse to work while they can't be understood.
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

    /// Files that belong to another user, and those that others can read or change.
    func permissions() -> [Diagnosis] {
        StateFile.all.compactMap { file in
            let path = directory[file]
            guard let status = try? FileStatus.of(path, followingLinks: false) else { return nil }
            guard isOurs(status) else {
                return .warn(
                    "\(path) belongs to user \(status.owner.uid).",
                    fix: "sudo chown \(context.userID) \(path)",
                )
            }
            let excess = status.permissions.subtracting(file.mode)
            let fix = "chmod \(String(file.mode.rawValue, radix: 8)) \(path)"
            if !excess.isDisjoint(with: [.groupWrite, .otherWrite]) {
                return .warn("Others may write to \(path).", fix: fix)
            }
            guard file.isSecret, !excess.isDisjoint(with: [.groupRead, .otherRead]) else {
                return nil
            }
            return .fail("Others may read the secret in \(path).", fix: fix)
        }
    }
}

/// Judges the addresses that the system's resolver gives for a name.
enum Resolution {
    /// Nil if the name leads to this machine for both families.
    static func diagnosis(of name: String, addresses: [IPAddress]) -> Diagnosis? {
        guard !addresses.isEmpty else {
            return .warn(
                "The system's resolver doesn't know \(name); browsers and curl do.",
                hint: "For other programs",
                fix: "portless hosts sync",
            )
        }
        if let foreign = addresses.first(where: { !$0.isLoopback }) {
            return .warn(
                "\(name) resolves to \(foreign): a VPN or a DNS server overrides it.",
                fix: "portless hosts sync",
            )
        }
        let families = Set(addresses.map(\.isIPv6))
        guard families.count == 1 else { return nil }
        let (has, lacks) = families == [true] ? ("IPv6", "IPv4") : ("IPv4", "IPv6")
        return .info(
            "\(name) resolves for \(has) only; a program that asks for \(lacks) may wait.",
            hint: "For both",
            fix: "portless hosts sync",
        )
    }
}
