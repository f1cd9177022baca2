import HostSystem
import PortlessCore
import SystemPackage

/// A pattern for package folders: literal parts, one `*` in a part, or `**` for any part.
struct WorkspaceGlob {
    /// How many folders all patterns of a workspace may lead to.
    static let maximumFolders = 20_000

    private let parts: [Substring]

    init(_ pattern: some StringProtocol) {
        parts = String(pattern).split(separator: "/").filter { $0 != "." }.map { $0[...] }
    }

    /// The folders that match, relative to `root`.
    ///
    /// Links are not followed, so there is no circle. What is looked at is taken off `budget`.
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
        guard let star = part.firstIndex(of: "*") else { return name == part }
        let prefix = part[..<star]
        let suffix = part[part.index(after: star)...].drop { $0 == "*" }
        // What a star never means: what package managers install, and hidden folders.
        guard name != "node_modules", !name.hasPrefix(".") else { return false }
        return name.count >= prefix.count + suffix.count && name.hasPrefix(prefix)
            && name.hasSuffix(suffix)
    }
}
