/// Tells the calls of `portless ports` and `portless apps` from apps that are called so.
///
/// `find` is also a program that an app might run: `portless ports find . -name x` does. `kill` is one
/// that serves nothing, and a slip such as `portless ports kill -8080` must never run it: it would
/// end all processes of the user.
enum PortsGrammar {
    static func isPortsCall(_ arguments: [String], isProgram: (String) -> Bool) -> Bool {
        guard let word = arguments.first else { return true }
        let rest = Array(arguments.dropFirst())
        let isPortNext = rest.first.map(PortWord.isLikely) ?? false
        switch PortsSubcommand(rawValue: word) {
        case nil:
            // `ports kil 8080`, `ports pkill 8080`.
            if isPortNext, word.contains("kill") || !isProgram(word) { return true }
            return areFlags(arguments, among: ["--json", "--watch", "--all"])
        case .find:
            return isPortNext || areFlags(rest, among: ["--json"])
        default: return true
        }
    }

    static func isAppsCall(_ arguments: [String]) -> Bool {
        guard let word = arguments.first else { return true }
        return AppsSubcommand(rawValue: word) != nil || areFlags(arguments, among: ["--json"])
    }

    private static func areFlags(_ arguments: [String], among known: Set<String>) -> Bool {
        arguments.allSatisfy { known.contains($0) || $0 == "--help" || $0 == "-h" }
    }
}
