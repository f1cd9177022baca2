/// One line of the table of ports.
package struct PortRow: Hashable, Sendable {
    package enum State: String, Sendable {
        case free
        case leased
        case listening
        case wrongProcess = "wrong process"
        case wrongAddress = "wrong address"
        case crashed
        case conflict
    }

    package var claim: PortClaim
    package var state: State
    package var listener: ObservedListener?
    /// Who receives UDP on the port.
    package var datagrams: ObservedListener?

    package init(
        claim: PortClaim,
        state: State,
        listener: ObservedListener? = nil,
        datagrams: ObservedListener? = nil,
    ) {
        self.claim = claim
        self.state = state
        self.listener = listener
        self.datagrams = datagrams
    }

    /// Who listens, as the table shows it.
    package var owner: String {
        [listener?.owner, datagrams.map { "\($0.owner) UDP" }].compactMap(\.self)
            .joined(separator: ", ")
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "app": .string(claim.app),
            "label": .string(claim.label),
            "port": .integer(claim.port.number),
            "origin": .string(claim.origin.rawValue),
            "state": .string(state.rawValue),
            "name": claim.name.map { .string($0.description) } ?? .null,
            "names": .array(claim.names.map { .string($0.description) }),
        ]
        if let provenance = claim.provenance { object["provenance"] = .string(provenance) }
        if let description = claim.description { object["description"] = .string(description) }
        object["owner"] = (listener ?? datagrams)?.json ?? .null
        return .object(object)
    }
}
