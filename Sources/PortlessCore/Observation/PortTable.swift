/// Joins what apps claim with who listens.
package struct PortTable: Sendable {
    package let rows: [PortRow]
    /// Open ports of our own features, and databases and brokers that no app claims.
    package let infrastructure: [PortRow]
    /// All other listeners, UDP included.
    package let others: [ObservedListener]
    private let listeners: [Port: [ObservedListener]]

    package init(
        claims: [PortClaim],
        listeners: [ObservedListener],
        features: [FeaturePort] = [],
    ) {
        let byPort = Dictionary(grouping: listeners, by: \.port)
        let claimed = Dictionary(grouping: claims, by: \.port)
        self.listeners = byPort
        rows = claims.sorted { ($0.port, $0.app, $0.label) < ($1.port, $1.app, $1.label) }
            .map { claim in
                // A run on another app's port has no equal right to it.
                let isContested = (claimed[claim.port] ?? []).contains { other in
                    other.app.lowercased() != claim.app.lowercased()
                        && other.isDurable == claim.isDurable
                }
                return PortRow(
                    of: claim,
                    listeners: byPort[claim.port] ?? [],
                    isContested: isContested,
                )
            }
        infrastructure = byPort.keys.sorted().compactMap { port in
            let feature = features.first { $0.port == port }
            let service = Infrastructure.service(on: port)
            guard claimed[port] == nil, let name = feature?.owner ?? service?.name,
                let label = feature?.label ?? service?.label,
                let listener = byPort[port]?.first(where: { !$0.isDatagram })
            else { return nil }
            let claim = PortClaim(
                app: name,
                label: label,
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

extension PortTable {
    private static let header = ["APP", "LABEL", "PORT", "ORIGIN", "STATE", "OWNER", "NAME"]

    /// The table for people, sorted by port, with a line for each gap between blocks.
    ///
    /// `isComplete` adds the listeners that belong to no app.
    package func text(isComplete: Bool = false) -> String {
        var lines = Self.lines(of: rows) + infrastructure.map(Self.cells)
        if isComplete { lines += others.map(Self.cells) }
        return TextTable(header: Self.header, rows: lines).text
    }

    package static func text(of rows: [PortRow]) -> String {
        TextTable(header: header, rows: lines(of: rows)).text
    }

    package func rows(of app: String) -> [PortRow] {
        rows.filter { $0.claim.app.lowercased() == app.lowercased() }
    }

    private static func lines(of rows: [PortRow]) -> [[String]] {
        var lines: [[String]] = []
        var previous: Port?
        for row in rows {
            if let previous, let gap = gap(from: previous, to: row.claim.port) {
                lines.append(["…", "", gap.text])
            }
            previous = row.claim.port
            lines.append(cells(of: row))
        }
        return lines
    }

    private static func gap(from low: Port, to high: Port) -> PortRange? {
        guard let first = Port(low.number + 1), let last = Port(high.number - 1) else { return nil }
        return PortRange(first: first, last: last)
    }

    private static func cells(of row: PortRow) -> [String] {
        [
            row.claim.app, row.claim.label, row.claim.port.description, row.claim.origin.rawValue,
            row.state.rawValue, row.owner,
            row.claim.names.map(\.description).joined(separator: ", "),
        ]
    }

    private static func cells(of listener: ObservedListener) -> [String] {
        let kind = listener.isDatagram ? "udp" : "listening"
        return ["-", "", listener.port.description, "", kind, listener.owner]
    }
}

extension PortTable {
    /// All that is known about a port, in sentences.
    package func explanation(of port: Port, plan: PortPlan) -> [String] {
        let claims = rows.filter { $0.claim.port == port }
        let heard = listeners(on: port)
        var sentences = claims.map(Self.sentence)
        sentences += heard.map(Self.sentence)
        if heard.isEmpty { sentences.append("Nothing listens on it.") }
        if let service = Infrastructure.service(on: port) {
            sentences.append("It is the usual port of \(service.name).")
        } else if WellKnownPorts.contains(port) {
            sentences.append("It is a well-known port, which is never leased.")
        }
        if BrowserBlockedPorts.contains(port) { sentences.append("Browsers refuse to open it.") }
        if PortSettings.core.contains(port) {
            sentences.append("It belongs to Portless itself (\(PortSettings.core)).")
        }
        if let range = plan.systemEphemeral, range.contains(port) {
            sentences.append("The system takes ports for outgoing connections from \(range).")
        }
        if plan.avoided.contains(where: { $0.contains(port) }) {
            sentences.append("The Android emulator may take it while adb runs, as it does now.")
        }
        if PortRange.ephemeral.contains(port) {
            sentences.append("Runs without a lease get their port from \(PortRange.ephemeral).")
        }
        if let range = plan.ranges.first(where: { $0.contains(port) }) {
            let isOpen = claims.isEmpty && heard.isEmpty && plan.isUsable(port, taken: [])
            sentences.append("Leases come from \(range)\(isOpen ? "; this one is free" : "").")
        }
        return sentences
    }

    private static func sentence(_ row: PortRow) -> String {
        let claim = row.claim
        let purpose = claim.description.map { " (\($0))" } ?? ""
        let place = claim.provenance.map { " in \($0)" } ?? ""
        let others = claim.names.dropFirst().map(\.description).joined(separator: ", ")
        let name =
            (claim.name.map { " \($0) leads there." } ?? "")
            + (others.isEmpty ? "" : " So does \(others).")
        let beginning = "\(claim.app) has it as \(claim.label)\(purpose), \(claim.origin.rawValue)"
        return "\(beginning)\(place): \(row.state.rawValue).\(name)"
    }

    private static func sentence(_ listener: ObservedListener) -> String {
        let kind = listener.isDatagram ? "receives UDP on" : "listens on"
        let parents = listener.parents.map(\.description).joined(separator: ", by ")
        let app = listener.app.map { " for \($0)" } ?? ""
        let origin = parents.isEmpty ? "" : ", started by \(parents)"
        return "\(listener.owner) \(kind) \(listener.address)\(app)\(origin)."
    }
}
