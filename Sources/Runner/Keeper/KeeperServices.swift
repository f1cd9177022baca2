package import PortlessCore

/// What a keeper needs from the rest of the program.
package struct KeeperServices {
    /// Makes names lead to a port for as long as this process lives.
    package var route: ([Hostname], Port) throws -> Void
    package var removeRoutes: ([Hostname]) throws -> Void
    /// Whether HTTP is spoken on a port.
    package var speaksHTTP: (Port) -> Bool
    package var version: String

    package init(
        route: @escaping ([Hostname], Port) throws -> Void,
        removeRoutes: @escaping ([Hostname]) throws -> Void,
        speaksHTTP: @escaping (Port) -> Bool,
        version: String,
    ) {
        self.route = route
        self.removeRoutes = removeRoutes
        self.speaksHTTP = speaksHTTP
        self.version = version
    }
}
