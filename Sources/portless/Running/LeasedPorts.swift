import PortlessCore

/// Warns of ports that an app takes although they are leased to another one.
enum LeasedPorts {
    /// `ports` is what the run has been given, `fixed` a port of the user's own choice.
    static func warnings(
        of ports: AppPorts?,
        fixed: Port? = nil,
        app: AppName,
        leases: [PortLease],
    ) -> [String] {
        // An app called `api.shop` has the lease of `shop`, and of that only one port.
        guard ports?.areLabelsNamed != false else { return [] }
        let labeled = (ports?.endpoints ?? []).map { ($0.label, $0.port) }
        let isKnown = labeled.contains { $0.1 == fixed }
        return warnings(of: labeled + (isKnown ? [] : [("app", fixed)]), app: app, leases: leases)
    }

    static func warnings(
        of labeled: [(label: String, port: Port?)],
        app: AppName,
        leases: [PortLease],
    ) -> [String] {
        let others = leases.filter { $0.app != app }
        return labeled.compactMap { label, port in
            for lease in others {
                guard let leased = lease.ports.first(where: { $0.port == port }),
                    app.description != "\(leased.label.lowercased()).\(lease.app)"
                else { continue }
                return """
                    Port \(leased.port), for \(label), is leased to \(lease.app) as \
                    \(leased.label). Choose another one here, or release that lease: \
                    `portless ports release \(lease.app)`.
                    """
            }
            return nil
        }
    }
}
