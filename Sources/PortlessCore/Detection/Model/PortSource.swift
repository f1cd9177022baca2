/// One place in a project's files that gives a process a port.
package struct PortSource: Hashable, Sendable {
    package var label: String
    package var port: Port
    package var location: SourceLocation
    /// What kind of declaration it is, such as `env PORT` or `args --port`.
    package var rule: String
    /// The comment beside the port.
    package var description: String?
    /// The environment variable that this is only the default of.
    package var overriddenBy: String?

    package init(
        label: String,
        port: Port,
        location: SourceLocation,
        rule: String,
        description: String? = nil,
        overriddenBy: String? = nil,
    ) {
        self.label = label
        self.port = port
        self.location = location
        self.rule = rule
        self.description = description
        self.overriddenBy = overriddenBy
    }
}
