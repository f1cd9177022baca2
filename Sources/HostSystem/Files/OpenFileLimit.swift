import CHostSystem
import CLibrary
import SystemPackage

/// How many files this process may have open.
package enum OpenFileLimit {
    private static let wanted: UInt64 = 8192
    /// How many stay free for files, pipes and connections to apps when clients take all the others;
    /// an eighth of a low limit.
    private static let reserve: UInt64 = 64

    /// Raises the limit to some thousand, as far as the system allows it.
    ///
    /// Called before the process has other threads. Children get the user's own limit back: a program
    /// that calls `select`, or that closes every possible descriptor, suffers from a larger one.
    package static func raise() {
        _ = chs_raise_open_files(wanted)
    }

    /// Whether there are more descriptors left than the reserve.
    ///
    /// The system gives out the lowest free number, which tells how many descriptors are in use.
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
    /// Whether at least `count` descriptors are free; takes them for an instant to find out.
    package static func has(_ count: Int) -> Bool {
        var taken: [Int32] = []
        defer { for descriptor in taken { close(descriptor) } }
        while taken.count < count {
            let descriptor = fcntl(0, F_DUPFD_CLOEXEC, 0)
            // Without a standard input there is no descriptor to duplicate.
            guard descriptor >= 0 else { return errno == EBADF }
            taken.append(descriptor)
        }
        return true
    }
}
