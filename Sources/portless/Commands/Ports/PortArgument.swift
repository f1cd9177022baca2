import PortlessCore

/// A port on the command line.
enum PortArgument {
    static func parse(_ text: String?, usage: String) throws -> Port {
        guard let text else {
            throw Failure("No port is given.", remedy: "Usage: \(usage)")
        }
        guard let port = Port(text) else {
            throw Failure(
                "Invalid port \"\(text)\".",
                remedy: "A port is a number from 1 to 65535.",
            )
        }
        return port
    }
}
