package import SystemPackage

/// A port that an app wants, and why.
package struct PortClaim: Hashable, Sendable {
    package enum Origin: String, Sendable {
        case declared
        case leased
        case ephemeral
        case alias
        /// A port that a running container publishes.
        case container
        /// No app's claim: a database or broker at its usual port.
        case infrastructure
    }

    /// The state of the run that Portless started for the port.
    package enum Run: Hashable, Sendable {
        case running
        /// It has ended without removing its route.
        case ended
    }

    /// The provenance of a port that only a run knows: the user fixed it, or the app chose it.
    static let ownRun = "its run"
    /// The label of a port that has none.
    static let unlabeled = "app"

    package var app: String
    package var label: String
    package var port: Port
    package var origin: Origin
    /// The place or rule that gave it.
    package var provenance: String?
    package var description: String?
    /// The names that lead there, in the order of their registration.
    package var names: [Hostname] = []
    /// The app's folder, where it is known.
    package var directory: FilePath?
    /// Nil where Portless started nothing.
    package var run: Run?

    package var name: Hostname? { names.first }

    /// Whether the claim outlives a run; a project declares each port that has a label.
    var isDurable: Bool {
        switch origin {
        case .leased, .alias: true
        case .declared: provenance != Self.ownRun || label != Self.unlabeled
        case .ephemeral, .infrastructure, .container: false
        }
    }
}
