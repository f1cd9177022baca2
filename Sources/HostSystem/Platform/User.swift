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

    package static func lookUp(uid: UInt32) -> User? {
        read { getpwuid_r(uid, $0, $1, $2, $3) }
    }

    static func lookUp(name: String) -> User? {
        read { getpwnam_r(name, $0, $1, $2, $3) }
    }

    private static func read(
        _ call: (
            UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
            UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
        ) -> Int32
    ) -> User? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        // Directory services can return long entries; 64 KiB is beyond any.
        var buffer = [CChar](repeating: 0, count: 65_536)
        guard call(&entry, &buffer, buffer.count, &found) == 0, found != nil,
            let name = entry.pw_name, let home = entry.pw_dir
        else { return nil }
        return User(
            name: String(cString: name),
            uid: entry.pw_uid,
            gid: entry.pw_gid,
            home: FilePath(platformString: home),
        )
    }

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

/// The user of this process, and the homes of users by name.
package enum UserAccount {
    package static var effectiveID: UInt32 { geteuid() }

    package static var realID: UInt32 { getuid() }

    /// The home of the named user, or of the effective one with nil.
    package static func home(of name: String?) -> FilePath? {
        let user = name.map { User.lookUp(name: $0) } ?? User.lookUp(uid: geteuid())
        return user.flatMap { $0.home.isEmpty ? nil : $0.home }
    }
}
