package import SystemPackage

/// The PATH that a child gets.
package enum SearchPath {
    /// `path` with every `node_modules/.bin` from `directory` upward before it, nearest first, as
    /// package managers do for scripts.
    ///
    /// Only those for which `isDirectory` says yes are added.
    package static func withLocalPrograms(
        from directory: FilePath,
        path: String?,
        isDirectory: (FilePath) -> Bool,
    ) -> String {
        var found: [String] = []
        var current = directory
        while true {
            let programs = current.appending("node_modules").appending(".bin")
            if isDirectory(programs) { found.append(programs.string) }
            guard current.removeLastComponent() else { break }
        }
        if let path, !path.isEmpty { found.append(path) }
        return found.joined(separator: ":")
    }
}
