import HostSystem
import Machine
import PortlessCore
import SystemPackage

/// Looks at everything that a name needs to lead to its app, and changes nothing.
struct Checkup {
    /// A long list helps nobody; the rest is counted.
    private static let shown = 5

    let context: CommandContext
    let proxy: ProxyDescription

    private var directory: StateDirectory { proxy.stateDirectory }

    func findings() throws -> [Finding] {
        var findings = stateDirectory()
        findings += try proxyFindings()
        findings += try authority()
        let (entries, routeFindings) = routes()
        findings += routeFindings
        findings += apps(entries)
        findings += resolution(entries)
        return findings
    }

    private func stateDirectory() -> [Finding] {
        let path = directory.path
        guard let status = try? FileStatus.of(path) else {
            return [.info("The state directory \(path) has not been created yet.")]
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

    private func proxyFindings() throws -> [Finding] {
        let markers = try directory.proxyMarkers()
        if proxy.isRunning {
            var findings: [Finding] = [
                .ok("The proxy answers on port \(proxy.port) (\(proxy.usesTLS ? "TLS" : "HTTP")).")
            ]
            if let version = proxy.version, version != Portless.version {
                findings.append(
                    .warn(
                        "The proxy is version \(version), this command is \(Portless.version).",
                        hint: "portless proxy restart",
                    )
                )
            }
            if markers.pid == nil {
                findings.append(.warn("The proxy left no pid file, so it can't be stopped here."))
            }
            return findings
        }
        var findings: [Finding] = []
        if let pid = markers.pid {
            let isAlive = markers.process?.isAlive == true
            findings.append(
                .warn(
                    "The pid file names \(pid), which "
                        + (isAlive ? "doesn't answer as a proxy." : "has ended."),
                    hint: "portless proxy stop",
                )
            )
        }
        if let holder = PortHolders.description(of: proxy.port) {
            findings.append(
                .fail(
                    "Port \(proxy.port) is in use, but it is not a portless proxy: \(holder).",
                    hint: "Stop it, or choose another port with PORTLESS_PORT.",
                )
            )
        } else {
            findings.append(
                .warn("The proxy is not running.", hint: "It starts when the first app runs.")
            )
        }
        return findings
    }

    private func authority() throws -> [Finding] {
        guard !proxy.usesCustomCertificate else {
            return [.info("The proxy serves a certificate of your own.")]
        }
        guard let authority = try AuthorityStore(directory: directory).existing() else {
            return [.info("There is no certificate authority yet; the first start makes one.")]
        }
        var findings: [Finding] = []
        if authority.notAfter < .now {
            findings.append(
                .fail("The certificate authority has expired.", hint: "portless proxy restart")
            )
        }
        if authority.scope == .everything {
            findings.append(
                .warn(
                    "The certificate authority may sign for every name, as the original made it.",
                    hint: "Replace it with a constrained one: portless clean && portless trust",
                )
            )
        }
        let trust = try context.trust(directory)
        for report in try waiting(for: { try await trust.status() }) {
            switch report.status {
            case .trusted: findings.append(.ok("\(report.store) trusts the authority."))
            case .untrusted:
                findings.append(
                    .warn("\(report.store) doesn't trust the authority.", hint: "portless trust")
                )
            case .unavailable(let reason):
                findings.append(.info("\(report.store) was not asked: \(reason)"))
            }
        }
        return findings
    }

    private func routes() -> ([RouteEntry], [Finding]) {
        let store = RoutesStore(directory: directory)
        do {
            let live = try store.list()
            let dead = try store.dead()
            var findings: [Finding] = [.ok("\(live.count) active route(s).")]
            if !dead.isEmpty {
                let names = dead.map(\.hostname).prefix(Self.shown).joined(separator: ", ")
                findings.append(
                    .warn("\(dead.count) stale route(s): \(names).", hint: "portless prune")
                )
            }
            return (live, findings)
        } catch {
            return ([], [.fail("\(error)")])
        }
    }

    private func apps(_ entries: [RouteEntry]) -> [Finding] {
        let listening = Set(((try? ListeningSockets.all()) ?? []).map(\.port))
        return entries.compactMap { entry in
            guard let port = entry.port else {
                return .warn("\(entry.hostname) has no valid port.")
            }
            guard !listening.contains(port.rawValue) else { return nil }
            return .warn("Nothing listens on port \(port), where \(entry.hostname) leads.")
        }
    }

    private func resolution(_ entries: [RouteEntry]) -> [Finding] {
        // Each unknown name can take the resolver seconds, and one tells enough.
        for name in entries.map(\.hostname).prefix(Self.shown) {
            guard let address = Resolver.address(of: name) else {
                return [
                    .warn(
                        "The system's resolver doesn't know \(name); browsers and curl do.",
                        hint: "For other programs: portless hosts sync",
                    )
                ]
            }
            guard Resolver.isLoopback(address) else {
                return [
                    .warn(
                        "\(name) resolves to \(address): a VPN or a DNS server overrides it.",
                        hint: "portless hosts sync",
                    )
                ]
            }
        }
        return entries.isEmpty ? [] : [.ok("The names resolve to this machine.")]
    }
}
