package import SystemPackage

/// Whether a program may be run as root: whether only root and the user can replace it.
package enum ProgramSafety {
    /// What counts of a file and of each folder above it.
    struct Entry: Equatable {
        var owner: UInt32
        var permissions: FilePermissions
        var isDirectory: Bool
    }

    private static let sticky = FilePermissions(rawValue: 0o1000)

    /// With user 0, whether only root can.
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

    /// A group may write: on macOS it is the administrators', on many Linuxes the user's very own.
    static func isSafe(_ entry: Entry, for user: UInt32) -> Bool {
        guard entry.owner == 0 || entry.owner == user else { return false }
        guard entry.permissions.contains(.otherWrite) else { return true }
        // In such a folder (/tmp) others can add files, but not replace those of the user.
        return entry.isDirectory && entry.permissions.contains(sticky)
    }
}
