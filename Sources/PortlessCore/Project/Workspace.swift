import HostSystem
package import SystemPackage

/// A folder with several packages in it, as pnpm, npm, yarn and bun know them.
package struct Workspace: Hashable, Sendable {
    package struct Package: Hashable, Sendable {
        /// Relative to the workspace's root, with slashes.
        package let path: String
        package let folder: FilePath
        /// With its scope; nil for a package without a name.
        package let name: String?
    }

    package let root: FilePath
    /// By path; the root itself is one only if it is listed.
    package let packages: [Package]

    /// The workspace whose root the folder is; nil if it isn't one.
    package init?(root: FilePath) {
        guard let patterns = Self.patterns(in: root) else { return nil }
        self.root = root
        let globs = patterns.filter { !$0.hasPrefix("!") }.map(WorkspaceGlob.init)
        let exclusions = patterns.filter { $0.hasPrefix("!") }
            .map { WorkspaceGlob($0.dropFirst()) }
        var found: [String: Package] = [:]
        for path in globs.flatMap({ $0.folders(in: root) })
        where !exclusions.contains(where: { $0.matches(path) }) {
            let folder = path.isEmpty ? root : root.pushing(FilePath(path))
            guard let manifest = PackageManifest(in: folder) else { continue }
            found[path] = Package(path: path, folder: folder, name: manifest.name)
        }
        packages = found.values.sorted { $0.path < $1.path }
    }

    /// The patterns of `pnpm-workspace.yaml`, else those of `workspaces` in `package.json`.
    private static func patterns(in folder: FilePath) -> [String]? {
        if let patterns = pnpmPatterns(in: folder) { return patterns }
        guard let value = PackageManifest(in: folder)?.json["workspaces"] else { return nil }
        let list = value.array ?? value["packages"]?.array
        return list?.compactMap(\.string)
    }

    private static func pnpmPatterns(in folder: FilePath) -> [String]? {
        let file = folder.appending("pnpm-workspace.yaml")
        guard let bytes = try? AtomicFile.read(file) else { return nil }
        let source = SourceText(file: "pnpm-workspace.yaml", bytes: bytes)
        let document = try? YAMLDocument.value(of: source)
        return document?.object?["packages"]?.array?.compactMap(\.string) ?? []
    }
}
