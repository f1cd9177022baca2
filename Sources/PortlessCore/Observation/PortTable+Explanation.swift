extension PortTable {
    /// Everything that is known about a port, in sentences.
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
