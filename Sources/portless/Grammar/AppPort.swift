import PortlessCore

/// The port that the user fixed for an app.
enum AppPort {
    static func parse(_ text: String, source: String) throws -> Port {
        guard let port = Port(text) else {
            throw Failure(
                "Invalid app port \"\(text)\" in \(source).",
                remedy: "A port is a number from 1 to 65535.",
            )
        }
        return port
    }

    /// `PORTLESS_APP_PORT`, unless it is missing or empty.
    static func fromEnvironment(_ environment: [String: String]) throws -> Port? {
        guard let text = environment["PORTLESS_APP_PORT"], !text.isEmpty else { return nil }
        return try parse(text, source: "PORTLESS_APP_PORT")
    }
}
