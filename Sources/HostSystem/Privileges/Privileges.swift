import CHostSystem
import SystemPackage

/// Root's rights, borrowed by `sudo` for one action.
package enum Privileges {
    /// Becomes `user` for good: all user and group IDs and the supplementary groups, and makes sure
    /// that nothing leads back.
    ///
    /// Whatever the error, the process must end then: it may be half-way.
    package static func drop(to user: User) throws(SystemError) {
        // A user in root's group would keep root's rights to files.
        let groups = user.groups.filter { $0 != 0 }
        #if canImport(Darwin)
        // macOS takes no more; those beyond are found by its directory service when asked for.
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
/// Root follows every link that the user has planted in a folder of their own, and no check before an
/// operation is safe from a user who swaps the folder in between. So nothing is checked: the kernel
/// itself judges each operation by the user's rights. All else stays root's (signals, ports, the
/// programs that are started), and ``asRoot(_:)`` lends root's rights to files back where they are
/// what sudo was called for.
extension Privileges {
    /// From now on this process handles files as that user; called before there is a second thread,
    /// because on Linux each thread takes these rights from the one that started it.
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
    /// For system files and `/proc`, never for what lies in a folder of the user's. The body must not
    /// start threads, which would keep the rights. On Linux they are this thread's alone; macOS knows
    /// them for the whole process only.
    package static func asRoot<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let user = chs_file_user()
        guard user != 0, chs_set_file_user(0) == 0 else { return try body() }
        defer { _ = chs_set_file_user(user) }
        return try body()
    }
}
