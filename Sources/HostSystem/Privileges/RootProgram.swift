package import SystemPackage

/// Programs that are run as root: by their absolute paths, and only what root alone can replace.
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

    /// sudo itself, which has to be root's own and set-user-ID.
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
