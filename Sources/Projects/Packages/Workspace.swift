import HostSystem
import PortlessCore
package import SystemPackage

/// A folder with several packages, as pnpm, npm, yarn and bun define them.
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
    /// Why one of them can't be read, and so isn't among them.
    package let problem: ProjectConfigurationError?

    /// The workspace whose root the folder is; nil if it isn't one.
    package init?(root: FilePath) throws {
        guard let patterns = try Self.patterns(in: root) else { return nil }
        self.root = root
        let globs = patterns.filter { !$0.hasPrefix("!") }.map(WorkspaceGlob.init)
        let exclusions = patterns.filter { $0.hasPrefix("!") }
            .map { WorkspaceGlob($0.dropFirst()) }
        var found: [String: Package] = [:]
        var budget = WorkspaceGlob.maximumFolders
        var problem: ProjectConfigurationError?
        for path in try globs.flatMap({ try $0.folders(in: root, budget: &budget) })
        where !exclusions.contains(where: { $0.matches(path) }) {
            let folder = path.isEmpty ? root : root.pushing(FilePath(path))
            do throws(ProjectConfigurationError) {
                guard let manifest = try PackageManifest.load(in: folder) else { continue }
                found[path] = Package(path: path, folder: folder, name: manifest.name)
            } catch {
                problem = problem ?? error
            }
        }
        self.problem = problem
        packages = found.values.sorted { $0.path < $1.path }
    }

    /// Whether the folder is the root of a workspace; its packages are not looked for.
    package static func isRoot(_ folder: FilePath) -> Bool {
        let files = ["pnpm-workspace.yaml", PackageManifest.file]
        guard files.contains(where: { (try? FileStatus.of(folder.appending($0))) != nil }) else {
            return false
        }
        return (try? patterns(in: folder)) != nil
    }

    /// The patterns of `pnpm-workspace.yaml`, else those of `workspaces` in `package.json`.
    private static func patterns(
        in folder: FilePath
    ) throws(ProjectConfigurationError) -> [String]? {
        if let patterns = try pnpmPatterns(in: folder) { return patterns }
        guard let value = PackageManifest(in: folder)?.workspaces else { return nil }
        guard let list = value.array ?? value.object?["packages"]?.array else {
            // Yarn has other settings of a workspace there, too.
            if let object = value.object, object["packages"] == nil { return nil }
            throw ProjectConfigurationError.wrongType(
                folder.appending(PackageManifest.file),
                key: "workspaces",
                expected: "a list of folders, such as [\"packages/*\"]",
            )
        }
        return list.compactMap(\.string)
    }

    private static func pnpmPatterns(
        in folder: FilePath
    ) throws(ProjectConfigurationError) -> [String]? {
        let file = "pnpm-workspace.yaml"
        let document = try ProjectReader.read(folder) { reader throws(ProjectConfigurationError) in
            do throws(SourceError) {
                return try reader.yaml(file)
            } catch {
                throw .unreadable(
                    folder.appending(file),
                    line: error.line,
                    reason: error.reason,
                )
            }
        }
        guard let document else { return nil }
        guard let packages = document.object?["packages"] else { return [] }
        guard let list = packages.array else {
            throw .wrongType(
                folder.appending(file),
                key: "packages",
                expected: "a list of folders",
            )
        }
        return list.compactMap(\.string)
    }
}

/// A pattern for package folders: literal parts, one `*` in a part, or `**` for any part.
private struct WorkspaceGlob {
    /// The most folders that all patterns of a workspace may match.
    static let maximumFolders = 20_000

    private let parts: [Substring]

    init(_ pattern: some StringProtocol) {
        parts = String(pattern).split(separator: "/").filter { $0 != "." }.map { $0[...] }
    }

    /// The folders that match, relative to `root`.
    ///
    /// Links are not followed, so there is no circle. Each visited folder is taken off `budget`.
    func folders(
        in root: FilePath,
        budget: inout Int,
    ) throws(ProjectConfigurationError) -> [String] {
        var paths = [""]
        for part in parts {
            var found: [String] = []
            for path in paths {
                guard budget > 0 else { throw .tooManyFolders(root) }
                let folder = path.isEmpty ? root : root.pushing(FilePath(path))
                let names =
                    part.contains("*")
                    ? DirectoryListing.names(folder, limit: budget)
                    : [String(part)]
                budget -= names.count + 1
                for name in names
                where Self.matches(name, part) && Self.isFolder(folder.appending(name), part) {
                    found.append(path.isEmpty ? name : "\(path)/\(name)")
                }
            }
            paths = found
        }
        return paths
    }

    func matches(_ path: String) -> Bool {
        let names = path.split(separator: "/")
        return names.count == parts.count
            && zip(names, parts).allSatisfy { Self.matches(String($0), $1) }
    }

    private static func isFolder(_ path: FilePath, _ part: Substring) -> Bool {
        guard let status = try? FileStatus.of(path, followingLinks: !part.contains("*")) else {
            return false
        }
        return status.isDirectory
    }

    private static func matches(_ name: String, _ part: Substring) -> Bool {
        // Folders that a star never matches: those of package managers, and hidden ones.
        if part.contains("*"), name == "node_modules" || name.hasPrefix(".") { return false }
        return name.matches(star: part)
    }
}

extension String {
    /// Whether it fits a pattern with at most one run of stars, which stand for any text.
    func matches(star pattern: Substring) -> Bool {
        guard let star = pattern.firstIndex(of: "*") else { return self == pattern }
        let prefix = pattern[..<star]
        let suffix = pattern[star...].drop { $0 == "*" }
        return count >= prefix.count + suffix.count && hasPrefix(prefix) && hasSuffix(suffix)
    }
}
