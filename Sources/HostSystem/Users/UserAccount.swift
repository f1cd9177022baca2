package import SystemPackage

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

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
