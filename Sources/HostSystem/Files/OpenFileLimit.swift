import CHostSystem
import CLibrary
import SystemPackage

/// How many files this process may have open.
package enum OpenFileLimit {
    private static let wanted: UInt64 = 8192
    /// What stays free for files, pipes and connections to apps while clients take all they can;
    /// an eighth where the limit is low.
    private static let reserve: UInt64 = 64

    /// Makes room for some thousand, as far as the system lets us.
    ///
    /// Called before the process has other threads. What it spawns gets the limit back that this
    /// process was started with, which is the user's own: a program that calls `select`, or that
    /// closes every possible descriptor, suffers from a larger one.
    package static func raise() {
        _ = chs_raise_open_files(wanted)
    }

    /// Whether there are more descriptors left than the reserve.
    ///
    /// The system gives out the lowest number that is free, so this number says how many
    /// descriptors are in use, whatever part of the process holds them.
    package static var hasRoom: Bool {
        do {
            let probe = try FileDescriptor.open("/", .readOnly, options: .closeOnExec)
            try probe.close()
            let limit = chs_open_file_limit()
            return UInt64(probe.rawValue) + min(reserve, limit / 8) < limit
        } catch {
            let errno = error as? Errno
            return errno != .tooManyOpenFiles && errno != .tooManyOpenFilesInSystem
        }
    }
}

/// How many more files this process can open.
package enum OpenFileRoom {
    /// Whether at least `count` descriptors are free, found out by taking them for an instant.
    package static func has(_ count: Int) -> Bool {
        var taken: [Int32] = []
        defer { for descriptor in taken { close(descriptor) } }
        while taken.count < count {
            let descriptor = fcntl(0, F_DUPFD_CLOEXEC, 0)
            // Without a standard input there is nothing to find it out with.
            guard descriptor >= 0 else { return errno == EBADF }
            taken.append(descriptor)
        }
        return true
    }
}
