/// Joins what apps claim with who listens.
package struct PortTable: Sendable {
    package let rows: [PortRow]
    /// Databases and brokers that run here and that no app claims.
    package let infrastructure: [PortRow]
    /// Whoever else listens or receives UDP.
    package let others: [ObservedListener]
    private let listeners: [Port: [ObservedListener]]

    package init(claims: [PortClaim], listeners: [ObservedListener]) {
        let byPort = Dictionary(grouping: listeners, by: \.port)
        let claimed = Dictionary(grouping: claims, by: \.port)
        self.listeners = byPort
        rows = claims.sorted { ($0.port, $0.app, $0.label) < ($1.port, $1.app, $1.label) }
            .map { claim in
                // A run that strays to another app's port has not the same right to it.
                let isContested = (claimed[claim.port] ?? []).contains { other in
                    other.app.lowercased() != claim.app.lowercased()
                        && other.isDurable == claim.isDurable
                }
                return PortRow(claim, byPort[claim.port] ?? [], isContested: isContested)
            }
        infrastructure = byPort.keys.sorted().compactMap { port in
            guard claimed[port] == nil, let service = Infrastructure.service(on: port),
                let listener = byPort[port]?.first(where: { !$0.isDatagram })
            else { return nil }
            let claim = PortClaim(
                app: service.name,
                label: service.label,
                port: port,
                origin: .infrastructure,
            )
            return PortRow(claim: claim, state: .listening, listener: listener)
        }
        let shown = Set(rows.map(\.claim.port) + infrastructure.map(\.claim.port))
        others = listeners.filter { !shown.contains($0.port) }
            .sorted { ($0.port, $0.address) < ($1.port, $1.address) }
    }

    package func listeners(on port: Port) -> [ObservedListener] { listeners[port] ?? [] }

    package var json: JSONValue {
        .object([
            "ports": .array(rows.map(\.json)),
            "infrastructure": .array(infrastructure.map(\.json)),
            "others": .array(
                others.map { listener in
                    var object: JSONObject = ["port": .integer(listener.port.number)]
                    object["owner"] = listener.json
                    return .object(object)
                }
            ),
        ])
    }
}
