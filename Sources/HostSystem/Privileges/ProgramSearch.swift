import CLibrary
package import SystemPackage

/// Programs as a shell finds them.
package enum ProgramSearch {
    /// The program that `name` runs: itself if it has a slash, else the first in `path`; nil if
    /// there is none.
    package static func find(_ name: String, path: String?) -> FilePath? {
        guard !name.isEmpty else { return nil }
        if name.contains("/") { return isProgram(FilePath(name)) ? FilePath(name) : nil }
        return (path ?? "").split(separator: ":")
            .map { FilePath(String($0)).appending(name) }
            .first(where: isProgram)
    }

    private static func isProgram(_ path: FilePath) -> Bool {
        var status = stat()
        guard stat(path.string, &status) == 0 else { return false }
        return status.st_mode & S_IFMT == S_IFREG && access(path.string, X_OK) == 0
    }
}

/// Whether only root and the user can replace a program, so that it may be run as root.
package enum ProgramSafety {
    /// What matters of a file and of each folder above it.
    struct Entry: Equatable {
        var owner: UInt32
        var permissions: FilePermissions
        var isDirectory: Bool
    }

    private static let sticky = FilePermissions(rawValue: 0o1000)

    /// With user 0, whether only root can replace it.
    package static func isSafe(_ program: FilePath, for user: UInt32) -> Bool {
        guard program.isAbsolute else { return false }
        var entries: [Entry] = []
        var path = program
        while true {
            guard let status = try? FileStatus.of(path) else { return false }
            entries.append(
                Entry(
                    owner: status.owner.uid,
                    permissions: status.permissions,
                    isDirectory: status.isDirectory,
                )
            )
            if !path.removeLastComponent() { break }
        }
        return entries.allSatisfy { isSafe($0, for: user) }
    }

    /// A group may write: on macOS it is that of administrators, on many Linuxes the user's own.
    static func isSafe(_ entry: Entry, for user: UInt32) -> Bool {
        guard entry.owner == 0 || entry.owner == user else { return false }
        guard entry.permissions.contains(.otherWrite) else { return true }
        // In such a folder (/tmp) others can add files, but not replace those of the user.
        return entry.isDirectory && entry.permissions.contains(sticky)
    }
}

/// Programs that are run as root: found by absolute paths that only root can replace.
package enum RootProgram {
    /// Where the tools of every system are, besides what `PATH` says.
    private static let usualFolders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]
    /// Where sudo is, before what `PATH` says.
    private static let sudoPlaces: [FilePath] = [
        "/usr/bin/sudo", "/run/wrappers/bin/sudo", "/usr/local/bin/sudo",
    ]
    private static let setUserID = FilePermissions(rawValue: 0o4000)

    /// The folders of a `PATH` in which only root can change anything, and the system's own.
    package static func folders(_ path: String?) -> [String] {
        let own = (path ?? "").split(separator: ":").map { String($0) }
            .filter { ProgramSafety.isSafe(FilePath($0), for: 0) }
        return own + usualFolders.filter { !own.contains($0) }
    }

    /// The tool that root may run by this name; nil if there is none.
    package static func find(_ name: String, path: String?) -> FilePath? {
        let candidates =
            name.contains("/")
            ? [FilePath(name)] : folders(path).map { FilePath($0).appending(name) }
        return candidates.first { candidate in
            ProgramSearch.find(candidate.string, path: nil) != nil
                && ProgramSafety.isSafe(candidate, for: 0)
        }
    }

    /// sudo itself, which has to belong to root and to be set-user-ID.
    package static func sudo(path: String?) -> FilePath? {
        let others = (path ?? "").split(separator: ":")
            .map { FilePath(String($0)).appending("sudo") }
        return (sudoPlaces + others).first { candidate in
            guard candidate.isAbsolute, let status = try? FileStatus.of(candidate) else {
                return false
            }
            return status.owner.uid == 0 && status.permissions.contains(setUserID)
        }
    }
}
