/// Joins what apps claim with who listens.
package struct PortTable: Sendable {
    package let rows: [PortRow]
    /// Databases and brokers that run here and that no app claims.
    package let infrastructure: [PortRow]
    private let listeners: [Port: [ObservedListener]]

    package init(claims: [PortClaim], listeners: [ObservedListener]) {
        let byPort = Dictionary(grouping: listeners, by: \.port)
        let apps = Dictionary(grouping: claims, by: \.port).mapValues { Set($0.map(\.app)) }
        self.listeners = byPort
        rows = claims.sorted { ($0.port, $0.app, $0.label) < ($1.port, $1.app, $1.label) }
            .map { claim in
                let isContested = (apps[claim.port]?.count ?? 0) > 1
                return Self.row(claim, byPort[claim.port] ?? [], isContested: isContested)
            }
        infrastructure = byPort.keys.sorted().compactMap { port in
            guard apps[port] == nil, let service = Infrastructure.service(on: port),
                let listener = byPort[port]?.first(where: { !$0.isDatagram })
            else { return nil }
            let claim = PortClaim(app: service, label: "db", port: port, origin: .declared)
            return PortRow(claim: claim, state: .listening, listener: listener)
        }
    }

    private static func row(
        _ claim: PortClaim,
        _ listeners: [ObservedListener],
        isContested: Bool,
    ) -> PortRow {
        let streams = listeners.filter { !$0.isDatagram }
        let reachable = streams.filter(\.answersLoopback)
        let own = reachable.first { $0.app == claim.app }
        let foreign = reachable.first { $0.app != nil && $0.app != claim.app }
        if streams.isEmpty {
            let idle: PortRow.State = claim.origin == .leased ? .leased : .free
            let state: PortRow.State = claim.isExpectedToListen ? .crashed : idle
            return PortRow(claim: claim, state: isContested ? .conflict : state)
        }
        if let own { return PortRow(claim: claim, state: .listening, listener: own) }
        if let foreign {
            let state: PortRow.State = isContested ? .conflict : .wrongProcess
            return PortRow(claim: claim, state: state, listener: foreign)
        }
        if isContested {
            return PortRow(claim: claim, state: .conflict, listener: streams.first)
        }
        guard let listener = reachable.first else {
            return PortRow(claim: claim, state: .wrongAddress, listener: streams.first)
        }
        return PortRow(claim: claim, state: .listening, listener: listener)
    }

    package var json: JSONValue {
        .object([
            "ports": .array(rows.map(\.json)),
            "infrastructure": .array(infrastructure.map(\.json)),
        ])
    }

    /// The table for people; a line of dashes marks a gap between ports.
    package var text: String {
        var lines: [[String]] = []
        var previous: Port?
        for row in rows + infrastructure {
            if let previous, row.claim.port.number > previous.number + 1 {
                lines.append(["-", "-", "-"])
            }
            previous = row.claim.port
            lines.append([
                row.claim.app, row.claim.label, row.claim.port.description,
                row.claim.origin.rawValue, row.state.rawValue, row.listener?.owner ?? "",
                row.claim.name?.description ?? "",
            ])
        }
        let header = ["APP", "LABEL", "PORT", "ORIGIN", "STATE", "OWNER", "NAME"]
        return TextTable(header: header, rows: lines).text
    }

    /// Everything that is known about a port, in sentences.
    package func explanation(of port: Port, systemEphemeral: PortRange? = nil) -> [String] {
        var sentences = rows.filter { $0.claim.port == port }.map { row in
            let purpose = row.claim.description.map { " (\($0))" } ?? ""
            let place = row.claim.provenance.map { " in \($0)" } ?? ""
            return
                "\(row.claim.app) has it as \(row.claim.label)\(purpose), \(row.claim.origin.rawValue)\(place): \(row.state.rawValue)."
        }
        for listener in listeners[port] ?? [] {
            let kind = listener.isDatagram ? "receives UDP on" : "listens on"
            sentences.append("\(listener.owner) \(kind) \(listener.address).")
        }
        if listeners[port] == nil { sentences.append("Nothing listens on it.") }
        if let service = Infrastructure.service(on: port) {
            sentences.append("It is the usual port of \(service).")
        } else if WellKnownPorts.contains(port) {
            sentences.append("It is a well-known port, which is never leased.")
        }
        if BrowserBlockedPorts.contains(port) { sentences.append("Browsers refuse to open it.") }
        if PortSettings.core.contains(port) {
            sentences.append("It belongs to Portless itself (\(PortSettings.core)).")
        }
        if let systemEphemeral, systemEphemeral.contains(port) {
            sentences.append(
                "The system takes ports for outgoing connections from \(systemEphemeral)."
            )
        }
        return sentences
    }
}
