/// Chooses a port for one run of an app.
package struct EphemeralPortPicker: Sendable {
    package enum Failure: Error, Hashable, CustomStringConvertible {
        case noFreePort(PortRange)

        package var description: String {
            switch self {
            case .noFreePort(let range):
                "No free port found in \(range). Stop an app, or choose one with --app-port."
            }
        }
    }

    package var range = PortRange.ephemeral
    private static let randomTries = 50

    package init() {}

    /// The preferred port if it may be used and is free, else another one at random.
    ///
    /// `taken` is never chosen; `remembered` is what other apps had last and want again, and is
    /// left to them while anything else is free. `isFree` is asked as rarely as possible.
    package func pick(
        preferring preferred: Port?,
        taken: Set<Port>,
        remembered: Set<Port>,
        isFree: (Port) throws -> Bool,
        using generator: inout some RandomNumberGenerator,
    ) throws -> Port {
        let usable = range.ports.filter { !BrowserBlockedPorts.contains($0) && !taken.contains($0) }
        if let preferred, usable.contains(preferred), try isFree(preferred) { return preferred }
        let isWanted = { (port: Port) in
            !remembered.contains(port) && !WellKnownPorts.contains(port)
        }
        // At random first, so that an app doesn't get the address, and with it the cookies and the
        // cached pages, of the one that ran before it.
        let good = usable.filter(isWanted)
        for port in good.shuffled(using: &generator).prefix(Self.randomTries)
        where try isFree(port) {
            return port
        }
        for port in good + usable.filter({ !isWanted($0) }) where try isFree(port) { return port }
        throw Failure.noFreePort(range)
    }
}
