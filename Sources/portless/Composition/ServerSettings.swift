import PortlessCore
import Server

/// What the environment says of the server.
struct ServerSettings: Equatable {
    var port = ServerConfiguration.standardPort
    /// Whether the user chose the port.
    var isPortChosen = false
    var mirrorPort = ServerConfiguration.standardMirrorPort

    init(environment: [String: String]) throws {
        if let chosen = try Self.port("PORTLESS_API_PORT", environment) {
            port = chosen
            isPortChosen = true
        }
        // The second one is the original's.
        for name in ["PORTLESS_API_LOCAL_PORT", "PORTOS_HTTP_PORT"] {
            guard let chosen = try Self.port(name, environment) else { continue }
            mirrorPort = chosen
            break
        }
        guard port != mirrorPort else {
            throw Failure(
                "The server and its plain mirror can't both have port \(port).",
                remedy: "Change PORTLESS_API_PORT or PORTLESS_API_LOCAL_PORT.",
            )
        }
    }

    private static func port(_ name: String, _ environment: [String: String]) throws -> Port? {
        guard let text = environment[name], !text.isEmpty else { return nil }
        guard let port = Port(text) else {
            throw Failure(
                "Invalid port \"\(text)\" in \(name).",
                remedy: "A port is a number from 1 to 65535.",
            )
        }
        return port
    }
}
