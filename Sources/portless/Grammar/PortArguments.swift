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

/// Whether a word on the command line means a port, well written or not.
enum PortWord {
    /// `8080`, and slips of it such as `-8080`, `--8080`, `:8080`, `localhost:8080`, `8080,8081` and
    /// `8080-8090`.
    static func isLikely(_ word: String) -> Bool {
        let end = word.split(separator: ":", omittingEmptySubsequences: false).last ?? ""
        return end.contains(where: \.isNumber)
            && end.allSatisfy { $0.isNumber || "-+,".contains($0) }
    }
}
