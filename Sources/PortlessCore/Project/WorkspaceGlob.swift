import HostSystem
import SystemPackage

/// A pattern for package folders: literal parts, one `*` in a part, or `**` for any part.
struct WorkspaceGlob {
    private let parts: [Substring]

    init(_ pattern: some StringProtocol) {
        parts = String(pattern).split(separator: "/").filter { $0 != "." }.map { $0[...] }
    }

    /// The folders that match, relative to `root`.
    ///
    /// Links are not followed, so there is no circle.
    func folders(in root: FilePath) -> [String] {
        var paths = [""]
        for part in parts {
            paths = paths.flatMap { path -> [String] in
                let folder = path.isEmpty ? root : root.pushing(FilePath(path))
                let names =
                    part.contains("*")
                    ? DirectoryListing.names(folder).filter { Self.matches($0, part) }
                    : [String(part)]
                return names.filter { Self.isFolder(folder.appending($0), part) }
                    .map { path.isEmpty ? $0 : "\(path)/\($0)" }
            }
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
