package import SystemPackage

extension FilePath {
    /// The folder, the one above it and so on up to the root.
    package var selfAndAncestors: [FilePath] {
        var result: [FilePath] = []
        var path = self
        while !path.isEmpty {
            result.append(path)
            guard path.lastComponent != nil else { break }
            path.removeLastComponent()
        }
        return result
    }
}
