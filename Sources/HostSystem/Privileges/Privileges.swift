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
