package import SystemPackage

/// The path of this program that an upgrade doesn't change, for files that outlive the version.
///
/// Package managers install each version in a folder of its own and lead a link to it: the link is
/// what the user has called, and the folder is gone after the next upgrade.
package enum StableProgram {
    /// `called` is the first word of the command line, `installed` the file that runs;
    /// `isSame` tells whether a path leads to that file.
    package static func path(
        called: String,
        installed: FilePath,
        folder: FilePath,
        searchPath: String?,
        isSame: (FilePath) -> Bool,
    ) -> FilePath {
        let name = called.split(separator: "/").last.map(String.init) ?? "portless"
        var candidates: [FilePath] = []
        if called.contains("/") {
            candidates.append(folder.pushing(FilePath(called)).lexicallyNormalized())
        }
        let folders = (searchPath ?? "").split(separator: ":").map { FilePath(String($0)) }
            .filter(\.isAbsolute)
        candidates += folders.map { $0.appending(name) } + folders.map { $0.appending("portless") }
        candidates += [linked(installed)].compactMap(\.self) + [installed]
        let same = candidates.filter(isSame)
        return same.first { !isVersioned($0) } ?? same.first ?? installed
    }

    /// Homebrew's own link to the version that is installed: `opt/portless` beside `Cellar`.
    private static func linked(_ installed: FilePath) -> FilePath? {
        let names = installed.components.map(\.string)
        guard let cellar = names.firstIndex(of: "Cellar"), names.count > cellar + 2 else {
            return nil
        }
        var path = FilePath("/")
        for name in names[..<cellar] + ["opt", names[cellar + 1]] + names[(cellar + 3)...] {
            path.append(name)
        }
        return path
    }

    /// Whether a folder of the path is called by a number such as `1.2` or `v20.1.0`, or belongs to a
    /// store in which each version has a name of its own.
    static func isVersioned(_ path: FilePath) -> Bool {
        if path.string.hasPrefix("/nix/store/") { return true }
        return path.removingLastComponent().components.contains { component in
            let text = component.string
            let digits = text.hasPrefix("v") ? text.dropFirst() : text[...]
            let words = digits.split(whereSeparator: { "-+_@".contains($0) })
            return words.contains { word in
                let parts = word.split(separator: ".", omittingEmptySubsequences: false)
                return parts.count > 1 && parts.prefix(2).allSatisfy { Int($0) != nil }
            }
        }
    }
}
