import CHostSystem
import CLibrary
package import SystemPackage

/// A user of this machine.
package struct User: Hashable, Sendable {
    package let name: String
    package let uid: UInt32
    package let gid: UInt32
    package let home: FilePath

    package init(name: String, uid: UInt32, gid: UInt32, home: FilePath) {
        self.name = name
        self.uid = uid
        self.gid = gid
        self.home = home
    }

    /// The user with this number; nil if there is none.
    package static func lookUp(uid: UInt32) -> User? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        // Directory services can return long entries; 64 KiB is beyond any.
        var buffer = [CChar](repeating: 0, count: 65_536)
        guard getpwuid_r(uid, &entry, &buffer, buffer.count, &found) == 0, found != nil,
            let name = entry.pw_name, let home = entry.pw_dir
        else { return nil }
        return User(
            name: String(cString: name),
            uid: entry.pw_uid,
            gid: entry.pw_gid,
            home: FilePath(String(cString: home)),
        )
    }

    /// All groups of the user.
    package var groups: [UInt32] {
        var capacity: Int32 = 64
        while true {
            var groups = [gid_t](repeating: 0, count: Int(capacity))
            let count = chs_user_groups(name, gid, &groups, capacity)
            guard count > capacity else { return Array(groups.prefix(Int(max(count, 0)))) }
            capacity = count
        }
    }
}

/// What the system's user database knows of this process's user and of others.
package enum UserAccount {
    package static var effectiveID: UInt32 { geteuid() }

    package static var realID: UInt32 { getuid() }

    /// The home of the named user, or of the effective one with nil.
    package static func home(of name: String?) -> FilePath? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
            guard let text = buffer.baseAddress else { return nil }
            if let name {
                getpwnam_r(name, &entry, text, buffer.count, &found)
            } else {
                getpwuid_r(geteuid(), &entry, text, buffer.count, &found)
            }
            guard let home = found?.pointee.pw_dir else { return nil }
            let path = FilePath(platformString: home)
            return path.isEmpty ? nil : path
        }
    }
}
