/// Tells the calls of `portless ports` and `portless apps` from apps that are called so.
///
/// `find` and `kill` are also programs that an app might run: `portless ports find . -name x` does.
enum PortsGrammar {
    static func isPortsCall(_ arguments: [String]) -> Bool {
        guard let word = arguments.first else { return true }
        let rest = Array(arguments.dropFirst())
        switch PortsSubcommand(rawValue: word) {
        case nil: return areFlags(arguments, among: ["--json", "--watch", "--all"])
        case .find:
            let words = rest.filter { !$0.hasPrefix("-") }
            return isShort(rest, flags: ["--json"])
                && words.allSatisfy { $0.allSatisfy(\.isNumber) }
        case .kill: return isShort(rest, flags: ["--yes", "-y"])
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

    /// No more than one word, and no flag that isn't known.
    private static func isShort(_ arguments: [String], flags: Set<String>) -> Bool {
        areFlags(arguments.filter { $0.hasPrefix("-") }, among: flags)
            && arguments.count { !$0.hasPrefix("-") } <= 1
    }
}
