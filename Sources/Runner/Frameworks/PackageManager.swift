/// A runner of package.json's scripts.
enum PackageManager: String {
    case npm
    case pnpm
    case yarn
    case bun

    /// The arguments that hand `arguments` to a script: npm keeps flags for itself unless `--`
    /// stands before them; the others pass on all that follows the script's name.
    func passing(_ arguments: [String], behind given: ArraySlice<String>) -> [String] {
        guard self == .npm, !given.contains("--"), !arguments.isEmpty else { return arguments }
        return ["--"] + arguments
    }

    /// Whether a flag means another package's scripts, whose text isn't known here.
    static func leadsElsewhere(_ argument: String) -> Bool {
        let flags: Set = [
            "-w", "--workspace", "--workspaces", "-ws", "--prefix", "--filter", "-F", "-C", "--dir",
            "--cwd", "-r", "--recursive",
        ]
        return flags.contains(argument.split(separator: "=").first.map { String($0) } ?? "")
    }

    /// Whether the arguments behind a script's name choose another package: npm reads its own
    /// flags there too, up to `--`.
    func isSentElsewhere(by given: ArraySlice<String>) -> Bool {
        self == .npm && given.prefix { $0 != "--" }.contains(where: Self.leadsElsewhere)
    }
}
