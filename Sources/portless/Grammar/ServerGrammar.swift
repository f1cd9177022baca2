/// Tells the calls of `portless server` from an app that is called so.
enum ServerGrammar {
    enum Word: String, CaseIterable {
        case start, stop, status, cert
    }

    /// `portless server node server.js` runs an app, and so does `portless server start.sh`.
    static func isServerCall(_ arguments: [String]) -> Bool {
        guard let word = arguments.first else { return true }
        let rest = arguments.dropFirst()
        switch Word(rawValue: word) {
        case nil: return word == "--help" || word == "-h"
        case .start: return isStart(rest)
        case .stop: return areFlags(rest, among: [])
        case .status: return areFlags(rest, among: ["--json"])
        case .cert: return areFlags(rest, among: ["--force", "--self-signed"])
        }
    }

    private static func isStart(_ arguments: ArraySlice<String>) -> Bool {
        var expectsHost = false
        for argument in arguments {
            if expectsHost {
                expectsHost = false
            } else if argument == "--host" {
                expectsHost = true
            } else if !argument.hasPrefix("--host="), !startFlags.contains(argument) {
                return false
            }
        }
        return true
    }

    private static let startFlags: Set<String> = [
        "--foreground", "--detached", "--held", "--may-fall-back", "--help", "-h",
    ]

    private static func areFlags(_ arguments: ArraySlice<String>, among known: Set<String>) -> Bool
    {
        arguments.allSatisfy { known.contains($0) || $0 == "--help" || $0 == "-h" }
    }
}
