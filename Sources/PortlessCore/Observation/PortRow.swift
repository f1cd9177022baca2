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

    package var json: JSONValue {
        var object: JSONObject = [
            "app": .string(claim.app),
            "label": .string(claim.label),
            "port": .integer(claim.port.number),
            "origin": .string(claim.origin.rawValue),
            "state": .string(state.rawValue),
            "name": claim.name.map { .string($0.description) } ?? .null,
        ]
        if let provenance = claim.provenance { object["provenance"] = .string(provenance) }
        if let description = claim.description { object["description"] = .string(description) }
        if let listener { object["owner"] = listener.json } else { object["owner"] = .null }
        return .object(object)
    }
}

extension ObservedListener {
    package var json: JSONValue {
        .object([
            "pid": pid.map { .integer($0) } ?? .null,
            "command": command.map { .string($0) } ?? .null,
            "address": .string(address),
            "protocol": .string(isDatagram ? "udp" : "tcp"),
            "app": app.map { .string($0) } ?? .null,
        ])
    }
}
