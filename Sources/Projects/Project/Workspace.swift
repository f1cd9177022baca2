import HostSystem
import PortlessCore
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
    package init?(root: FilePath) throws {
        guard let patterns = try Self.patterns(in: root) else { return nil }
        self.root = root
        let globs = patterns.filter { !$0.hasPrefix("!") }.map(WorkspaceGlob.init)
        let exclusions = patterns.filter { $0.hasPrefix("!") }
            .map { WorkspaceGlob($0.dropFirst()) }
        var found: [String: Package] = [:]
        var budget = WorkspaceGlob.maximumFolders
        for path in try globs.flatMap({ try $0.folders(in: root, budget: &budget) })
        where !exclusions.contains(where: { $0.matches(path) }) {
            let folder = path.isEmpty ? root : root.pushing(FilePath(path))
            guard let manifest = PackageManifest(in: folder) else { continue }
            found[path] = Package(path: path, folder: folder, name: manifest.name)
        }
        packages = found.values.sorted { $0.path < $1.path }
    }

    /// The patterns of `pnpm-workspace.yaml`, else those of `workspaces` in `package.json`.
    private static func patterns(in folder: FilePath) throws -> [String]? {
        if let patterns = try pnpmPatterns(in: folder) { return patterns }
        guard let value = PackageManifest(in: folder)?.json["workspaces"] else { return nil }
        guard let list = value.array ?? value["packages"]?.array else {
            // Yarn keeps other settings of a workspace there, too.
            if value.object?["packages"] == nil, value.object != nil { return nil }
            throw ProjectConfigurationError.wrongType(
                folder.appending("package.json"),
                key: "workspaces",
                expected: "a list of folders, such as [\"packages/*\"]",
            )
        }
        return list.compactMap(\.string)
    }

    private static func pnpmPatterns(in folder: FilePath) throws -> [String]? {
        let file = folder.appending("pnpm-workspace.yaml")
        guard try FileStatus.of(file) != nil else { return nil }
        let source = SourceText(file: file.string, bytes: try ProjectFile.read(file))
        let document: JavaScriptValue
        do throws(SourceError) {
            let result = ReadingThread.perform {
                Result { () throws(SourceError) in try YAMLDocument.value(of: source) }
            }
            guard let result else { throw source.error(at: 0, "the system has no thread left") }
            document = try result.get()
        } catch {
            throw ProjectConfigurationError.unreadable(
                file,
                line: error.line,
                reason: error.reason,
            )
        }
        guard let packages = document.object?["packages"] else { return [] }
        guard let list = packages.array else {
            throw ProjectConfigurationError.wrongType(
                file,
                key: "packages",
                expected: "a list of folders",
            )
        }
        return list.compactMap(\.string)
    }
}
