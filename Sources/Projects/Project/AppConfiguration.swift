package import PortlessCore

/// What a project's configuration says of one app.
package struct AppConfiguration: Hashable, Sendable {
    package var name: String?
    package var script: String?
    package var appPort: Port?
    /// The labeled ports that the app wants, in the order of the file.
    package var ports: [ConfiguredPort] = []
    /// Whether the app gets a name; nil leaves it to what its script runs.
    package var isProxied: Bool?

    package init() {}

    /// This one, with `other` for what it leaves open.
    package func filled(from other: AppConfiguration?) -> AppConfiguration {
        var result = self
        result.name = name ?? other?.name
        result.script = script ?? other?.script
        result.appPort = appPort ?? other?.appPort
        if ports.isEmpty { result.ports = other?.ports ?? [] }
        result.isProxied = isProxied ?? other?.isProxied
        return result
    }
}
