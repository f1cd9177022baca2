/// One entry of `ports` in a project's configuration.
package struct ConfiguredPort: Hashable, Sendable {
    package var label: String
    /// Nil leaves the number to a lease.
    package var port: Port?
    package var description: String?
    /// Whether it gets a name; nil leaves it to what the label says.
    package var speaksHTTP: Bool?

    package init(
        label: String,
        port: Port? = nil,
        description: String? = nil,
        speaksHTTP: Bool? = nil,
    ) {
        self.label = label
        self.port = port
        self.description = description
        self.speaksHTTP = speaksHTTP
    }
}
