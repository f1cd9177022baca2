import HostSystem
import PortlessCore
package import SystemPackage

/// The package manager that runs a project's scripts.
package enum PackageManager: String, Hashable, Sendable, CaseIterable {
    case npm, pnpm, yarn, bun

    /// The package manager that the nearest folder declares, by `packageManager` or by its lock
    /// file.
    package static func detect(in folder: FilePath) -> PackageManager {
        for directory in folder.selfAndAncestors {
            if let declared = PackageManifest(in: directory)?.packageManager,
                let runner = PackageManager(rawValue: String(declared.prefix { $0 != "@" }))
            {
                return runner
            }
            for (file, runner) in lockFiles
            where (try? FileStatus.of(directory.appending(file))) != nil {
                return runner
            }
        }
        return .npm
    }

    private static let lockFiles: [(String, PackageManager)] = [
        ("pnpm-lock.yaml", .pnpm), ("yarn.lock", .yarn), ("bun.lockb", .bun), ("bun.lock", .bun),
        ("package-lock.json", .npm),
    ]

    /// The command for a script, with the user's arguments.
    ///
    /// npm keeps flags for itself unless `--` precedes them.
    package func command(script: String, extra: [String] = []) -> [String] {
        [rawValue, "run", script] + passing(extra, after: [])
    }

    /// The arguments that pass `arguments` to a script: npm keeps flags for itself unless `--`
    /// precedes them; the others pass on everything after the script's name.
    func passing(_ arguments: [String], after given: ArraySlice<String>) -> [String] {
        guard self == .npm, !given.contains("--"), !arguments.isEmpty else { return arguments }
        return ["--"] + arguments
    }

    /// Whether a flag selects another package's scripts, whose text is unknown here.
    static func leadsElsewhere(_ argument: String) -> Bool {
        let flags: Set = [
            "-w", "--workspace", "--workspaces", "-ws", "--prefix", "--filter", "-F", "-C", "--dir",
            "--cwd", "-r", "--recursive",
        ]
        return flags.contains(argument.split(separator: "=").first.map { String($0) } ?? "")
    }

    /// Whether such a flag selects all packages.
    static func choosesAll(_ argument: String) -> Bool {
        ["--workspaces", "-ws", "-r", "--recursive"].contains(argument)
    }

    /// Whether the arguments after a script's name select another package: npm reads its own flags
    /// there too, up to `--`.
    func isSentElsewhere(by given: ArraySlice<String>) -> Bool {
        self == .npm && given.prefix { $0 != "--" }.contains(where: Self.leadsElsewhere)
    }
}
