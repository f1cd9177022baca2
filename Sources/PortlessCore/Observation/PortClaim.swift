package import SystemPackage

/// A port that an app means to have, and why.
package struct PortClaim: Hashable, Sendable {
    package enum Origin: String, Sendable {
        case declared
        case leased
        case ephemeral
        case alias
        /// Nobody's claim: a database or broker at its usual port.
        case infrastructure
    }

    /// What has become of the run that Portless started for the port.
    package enum Run: Hashable, Sendable {
        case running
        /// It has gone without taking its route back.
        case ended
    }

    /// The rule behind a port that only a run knows of: the user fixed it, or the app chose it.
    static let ownRun = "its run"
    /// What a port is shown as that nobody gave a label.
    static let unlabeled = "app"

    package var app: String
    package var label: String
    package var port: Port
    package var origin: Origin
    /// The place or rule that gave it.
    package var provenance: String?
    package var description: String?
    /// The names that lead there, in the order of their registration.
    package var names: [Hostname]
    /// The app's folder, where it is known.
    package var directory: FilePath?
    /// Nil where Portless started nothing.
    package var run: Run?

    package init(
        app: String,
        label: String,
        port: Port,
        origin: Origin,
        provenance: String? = nil,
        description: String? = nil,
        names: [Hostname] = [],
        directory: FilePath? = nil,
        run: Run? = nil,
    ) {
        self.app = app
        self.label = label
        self.port = port
        self.origin = origin
        self.provenance = provenance
        self.description = description
        self.names = names
        self.directory = directory
        self.run = run
    }

    package var name: Hostname? { names.first }

    /// Whether the claim outlives a run; what a run has a label for, its project declares.
    var isDurable: Bool {
        switch origin {
        case .leased, .alias: true
        case .declared: provenance != Self.ownRun || label != Self.unlabeled
        case .ephemeral, .infrastructure: false
        }
    }
}
