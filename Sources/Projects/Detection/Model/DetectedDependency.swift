package import PortlessCore

/// A port that a project connects to, or publishes for a database or broker.
package struct DetectedDependency: Hashable, Sendable {
    package var name: String
    package var port: Port
    package var location: SourceLocation

    package init(name: String, port: Port, location: SourceLocation) {
        self.name = name
        self.port = port
        self.location = location
    }
}
