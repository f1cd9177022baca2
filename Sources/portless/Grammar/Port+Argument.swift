import PortlessCore

extension Port {
    /// A port on the command line.
    init(argument text: String) throws {
        guard let port = Port(text) else {
            throw Failure(
                "Invalid port \"\(text)\".",
                remedy: "A port is a number from 1 to 65535.",
            )
        }
        self = port
    }

    /// A port that the user has to give.
    init(argument text: String?, usage: String) throws {
        guard let text else {
            throw Failure("No port is given.", remedy: "Usage: \(usage)")
        }
        try self.init(argument: text)
    }
}
