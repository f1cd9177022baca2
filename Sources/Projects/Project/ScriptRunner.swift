import HostSystem
import PortlessCore
package import SystemPackage

/// The package manager that runs a project's scripts.
package enum ScriptRunner: String, Hashable, Sendable, CaseIterable {
    case npm, pnpm, yarn, bun

    /// The one that the nearest folder declares, by `packageManager` or by its lock file.
    package static func detect(in folder: FilePath) -> ScriptRunner {
        for directory in folder.selfAndAncestors {
            if let declared = PackageManifest(in: directory)?.json["packageManager"]?.string,
                let runner = ScriptRunner(rawValue: String(declared.prefix { $0 != "@" }))
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

    private static let lockFiles: [(String, ScriptRunner)] = [
        ("pnpm-lock.yaml", .pnpm), ("yarn.lock", .yarn), ("bun.lockb", .bun), ("bun.lock", .bun),
        ("package-lock.json", .npm),
    ]

    /// The command for a script, with what the user adds behind it.
    ///
    /// npm keeps flags for itself unless `--` stands before them.
    package func command(script: String, extra: [String] = []) -> [String] {
        let words = [rawValue, "run", script]
        guard !extra.isEmpty else { return words }
        return words + (self == .npm ? ["--"] : []) + extra
    }
}
