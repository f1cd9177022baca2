import CHostSystem
import CLibrary
package import SystemPackage

/// A pipe whose ends no child inherits unless they are passed to it.
package struct Pipe: Sendable {
    package let reading: FileDescriptor
    package let writing: FileDescriptor

    package init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        let failure = chs_pipe(&ends)
        guard failure == 0 else {
            throw SystemError("make a pipe", errno: Errno(rawValue: failure))
        }
        reading = FileDescriptor(rawValue: ends[0])
        writing = FileDescriptor(rawValue: ends[1])
    }
}

/// A pipe with a name, which outlives its reader.
package enum NamedPipe {
    /// Makes the pipe (mode 0600) unless it is there.
    package static func make(_ path: FilePath) throws(SystemError) {
        do {
            try check("make a pipe", path: path) { mkfifo(path.string, 0o600) }
        } catch {
            guard error.errno == .fileExists else { throw error }
        }
    }

    /// The end to read from, which doesn't block.
    package static func openReading(_ path: FilePath) throws(SystemError) -> FileDescriptor {
        try open(path, O_RDONLY | O_NONBLOCK)
    }

    /// An end to write to that is never without a reader, because it is one itself.
    ///
    /// A write blocks while the pipe is full, and doesn't fail when the reader was killed.
    package static func openWriting(_ path: FilePath) throws(SystemError) -> FileDescriptor {
        try open(path, O_RDWR)
    }

    private static func open(
        _ path: FilePath,
        _ flags: Int32,
    ) throws(SystemError) -> FileDescriptor {
        let descriptor = try check("open", path: path) {
            CLibrary.open(path.string, flags | O_CLOEXEC | O_NOFOLLOW)
        }
        // A file in its place would always be readable and never tell that nothing is there.
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else {
            close(descriptor)
            throw SystemError("use as a pipe", path: path, errno: .invalidArgument)
        }
        return FileDescriptor(rawValue: descriptor)
    }
}

/// Whether a pipe or socket still has a reader.
package enum PipeReader {
    /// True also for descriptors that never have one, such as a file's.
    package static func isThere(_ descriptor: FileDescriptor) -> Bool {
        var query = pollfd(fd: descriptor.rawValue, events: 0, revents: 0)
        guard poll(&query, 1, 0) > 0 else { return true }
        return Int32(query.revents) & (POLLERR | POLLHUP | POLLNVAL) == 0
    }
}

/// Descriptors whose calls return at once, for loops that wait for several.
package enum NonBlocking {
    package static func set(_ descriptor: FileDescriptor) throws(SystemError) {
        let flags = try check("look at a descriptor") { fcntl(descriptor.rawValue, F_GETFL) }
        try check("change a descriptor") {
            fcntl(descriptor.rawValue, F_SETFL, flags | O_NONBLOCK)
        }
    }
}
