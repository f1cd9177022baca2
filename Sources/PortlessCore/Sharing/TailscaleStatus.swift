/// What `tailscale status --json` tells of sharing.
package struct TailscaleStatus: Hashable, Sendable {
    /// Why an app can't be shared by Tailscale now.
    package enum Problem: Error, Hashable, Sendable {
        case unreadable
        case disconnected
        case nameless
        case httpsOff
        /// The page on which an administrator allows Funnel for this machine.
        case funnelOff(page: String)
    }

    package let name: Hostname

    /// Nil unless the machine may share in this way.
    package init(_ output: String, for provider: SharingProvider) throws(Problem) {
        guard let status = try? JSONValue(parsing: output.utf8), let node = status["Self"],
            node.object != nil
        else { throw .unreadable }
        if let state = status["BackendState"]?.string, state != "Running" { throw .disconnected }
        guard let name = Self.name(of: node, in: status) else { throw .nameless }
        self.name = name
        let capabilities = Self.capabilities(of: node)
        func allows(_ capability: String) -> Bool {
            capabilities.contains { $0 == capability || $0.hasSuffix("/" + capability) }
        }
        guard allows("https") else { throw .httpsOff }
        guard provider == .funnel, !allows("funnel") else { return }
        let id = (node["ID"]?.string ?? "").filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        throw .funnelOff(page: "https://login.tailscale.com/f/funnel?node=\(id)")
    }

    private static func name(of node: JSONValue, in status: JSONValue) -> Hostname? {
        if let name = node["DNSName"]?.string, let hostname = Hostname(name),
            hostname.labels.count > 1
        {
            return hostname
        }
        guard let host = node["HostName"]?.string,
            let suffix = status["CurrentTailnet"]?["MagicDNSSuffix"]?.string, !suffix.isEmpty
        else { return nil }
        return Hostname("\(host).\(suffix)")
    }

    private static func capabilities(of node: JSONValue) -> [String] {
        let list = (node["Capabilities"]?.array ?? []).compactMap(\.string)
        return list + (node["CapMap"]?.object?.keys ?? [])
    }
}

/// What `tailscale serve status --json` tells: the ports in use, and what they lead to.
package struct TailscaleServeStatus: Hashable, Sendable {
    private static let funnelPorts: [Port] = [443, 8443, 10000]
    private static let firstPorts: [Port] = [443] + (8443...8450).compactMap { Port($0) }

    package let ports: Set<Port>
    /// What each web port's root leads to.
    private let targets: [Port: String]

    /// Where the status can't be read, no port is in use.
    package init(_ output: String) {
        let status = (try? JSONValue(parsing: output.utf8)) ?? .null
        // A `tailscale serve` in a terminal has its configuration apart.
        let foreground = (status["Foreground"]?.object?.members ?? []).map(\.value)
        var ports: Set<Port> = []
        var targets: [Port: String] = [:]
        for configuration in [status] + foreground {
            ports.formUnion((configuration["TCP"]?.object?.keys ?? []).compactMap { Port($0) })
            for (place, web) in configuration["Web"]?.object?.members ?? [] {
                guard let port = Port(place.split(separator: ":").last ?? "") else { continue }
                ports.insert(port)
                targets[port] = web["Handlers"]?["/"]?["Proxy"]?.string
            }
        }
        self.ports = ports
        self.targets = targets
    }

    /// Nil where all that the service allows are in use.
    package static func port(
        for provider: SharingProvider,
        besides used: Set<Port>,
    ) -> Port? {
        if provider == .funnel { return funnelPorts.first { !used.contains($0) } }
        let others = (8451...65_535).lazy.compactMap { Port($0) }
        return firstPorts.first { !used.contains($0) } ?? others.first { !used.contains($0) }
    }

    /// Whether the port still leads to this port of the machine, so that it is ours to switch off.
    package func leads(_ port: Port, to local: Port) -> Bool {
        guard let target = targets[port] else { return false }
        return target == "http://127.0.0.1:\(local)" || target == "http://localhost:\(local)"
    }
}
