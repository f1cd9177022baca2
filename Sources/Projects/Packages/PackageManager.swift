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

    enum Selector {
        /// A flag whose value selects.
        case by((String) -> PackageSelection)
        /// A flag without a value.
        case fixed(PackageSelection)
    }

    /// What a flag selects packages by; nil for other flags.
    func selector(_ flag: String) -> Selector? {
        switch (self, flag) {
        case (.pnpm, "-w"), (.pnpm, "--workspace-root"): .fixed(.root)
        case (_, "--prefix"), (_, "--cwd"), (_, "-C"), (_, "--dir"): .by { .folder($0) }
        case (_, "--filter"), (_, "-F"), (_, "-w"), (_, "--workspace"):
            .by { $0.contains("*") || $0.hasPrefix("!") ? .several : .package($0) }
        case (_, "--workspaces"), (_, "-ws"), (_, "-r"), (_, "--recursive"): .fixed(.several)
        default: nil
        }
    }
}
