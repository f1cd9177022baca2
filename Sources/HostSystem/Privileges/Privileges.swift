import CHostSystem
import SystemPackage

/// Root's rights, borrowed by `sudo` for one action.
package enum Privileges {
    /// Becomes `user` for good, with all user IDs, group IDs and supplementary groups.
    ///
    /// After an error the process must end: it may have dropped a part of its rights only.
    package static func drop(to user: User) throws(SystemError) {
        // A user in root's group would keep root's rights to files.
        let groups = user.groups.filter { $0 != 0 }
        #if canImport(Darwin)
        // macOS takes no more; its directory service knows the others.
        let settable = Array(groups.prefix(16))
        #else
        let settable = groups
        #endif
        try drop(uid: user.uid, gid: user.gid, groups: settable)
    }

    package static func drop(
        uid: UInt32,
        gid: UInt32,
        groups: [UInt32],
    ) throws(SystemError) {
        let failure = chs_drop_privileges(uid, gid, groups, Int32(groups.count))
        guard failure == 0 else {
            throw SystemError("become user \(uid)", errno: Errno(rawValue: failure))
        }
    }
}

/// Files under sudo: opened, made and removed as the user who called it.
///
/// Root follows every link that a user plants in a folder of their own, and after any check the user
/// can still swap the folder. So nothing is checked: the kernel judges each operation by the user's
/// rights. Everything else stays root's (signals, ports, the programs that are started), and
/// ``asRoot(_:)`` lends root's rights to files back for what sudo was called for.
extension Privileges {
    /// Makes this process handle files as that user.
    ///
    /// Called before there is a second thread: on Linux each thread inherits these rights from its
    /// creator.
    package static func handleFiles(
        asUser uid: UInt32,
        gid: UInt32,
        groups: [UInt32],
    ) throws(SystemError) {
        // A user in root's group would keep root's rights to files.
        let groups = groups.filter { $0 != 0 }
        let failure = chs_handle_files_as(uid, gid, groups, Int32(groups.count))
        guard failure == 0 else {
            throw SystemError("handle files as user \(uid)", errno: Errno(rawValue: failure))
        }
    }

    /// Whether files are handled with root's rights.
    package static var areFilesRoots: Bool { chs_file_user() == 0 }

    /// Runs `body` with root's rights to files, if this is root handling files as a user.
    ///
    /// For system files and `/proc`, never for files in a folder of the user's. The body must not start
    /// threads, which would keep the rights. On Linux only this thread has them, on macOS the whole
    /// process.
    package static func asRoot<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let user = chs_file_user()
        guard user != 0, chs_set_file_user(0) == 0 else { return try body() }
        defer { _ = chs_set_file_user(user) }
        return try body()
    }
}
