import SystemPackage

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

extension PortRow {
    /// The state of a claim, given all listeners on its port.
    init(of claim: PortClaim, listeners: [ObservedListener], isContested: Bool) {
        let streams = listeners.filter { !$0.isDatagram }
        let datagrams = listeners.first { $0.isDatagram && $0.isOwn(of: claim) != false }
        let reachable = streams.filter(\.answersLoopback)
        let own = reachable.first { $0.isOwn(of: claim) == true }
        let foreign = reachable.first { $0.isOwn(of: claim) == false }
        let chosen = own ?? foreign ?? reachable.first ?? streams.first
        let state: State =
            if own != nil {
                .listening
            } else if isContested {
                .conflict
            } else if foreign != nil {
                .wrongProcess
            } else if !reachable.isEmpty {
                .listening
            } else if !streams.isEmpty {
                .wrongAddress
            } else if datagrams?.isOwn(of: claim) == true || claim.origin == .container {
                // The engine may pass a port on without a listener.
                .listening
            } else if claim.run == .ended {
                .crashed
            } else {
                claim.origin == .leased ? .leased : .free
            }
        self.init(claim: claim, state: state, listener: chosen, datagrams: datagrams)
    }
}

extension ObservedListener {
    /// Whether the claim's app listens here; nil where that can't be known.
    fileprivate func isOwn(of claim: PortClaim) -> Bool? {
        if let app { return app.lowercased() == claim.app.lowercased() }
        guard let process, !ContainerForwarder.isOne(process.command) else { return nil }
        if let folder = claim.directory, let directory, directory.starts(with: folder) {
            return true
        }
        // What a living run has started is below it, or carries its URL if it has detached itself.
        if claim.run == .running { return false }
        // Daemons run in the root directory, which doesn't tell their app.
        guard claim.directory != nil, let directory, directory != "/" else { return nil }
        return false
    }
}
