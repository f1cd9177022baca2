/// A port that an app means to have, and why.
package struct PortClaim: Hashable, Sendable {
    package enum Origin: String, Sendable {
        case declared
        case leased
        case ephemeral
        case alias
    }

    package var app: String
    package var label: String
    package var port: Port
    package var origin: Origin
    /// The place or rule that gave it.
    package var provenance: String?
    package var description: String?
    package var name: Hostname?
    /// Something was started for this port and has not been stopped.
    package var isExpectedToListen: Bool

    package init(
        app: String,
        label: String,
        port: Port,
        origin: Origin,
        provenance: String? = nil,
        description: String? = nil,
        name: Hostname? = nil,
        isExpectedToListen: Bool = false,
    ) {
        self.app = app
        self.label = label
        self.port = port
        self.origin = origin
        self.provenance = provenance
        self.description = description
        self.name = name
        self.isExpectedToListen = isExpectedToListen
    }
}
