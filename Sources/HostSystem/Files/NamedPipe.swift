package import SystemPackage

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A pipe with a name, which outlives whoever reads from it.
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
    /// Writing to it blocks while the pipe is full, and doesn't fail because whoever read from it
    /// was killed.
    package static func openWriting(_ path: FilePath) throws(SystemError) -> FileDescriptor {
        try open(path, O_RDWR)
    }

    private static func open(
        _ path: FilePath,
        _ flags: Int32,
    ) throws(SystemError) -> FileDescriptor {
        let descriptor = try check("open", path: path) {
            systemOpen(path.string, flags | O_CLOEXEC | O_NOFOLLOW)
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

private func systemOpen(_ path: String, _ flags: Int32) -> Int32 {
    open(path, flags)
}
