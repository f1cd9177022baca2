import Synchronization
package import SystemPackage

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Files that are read and replaced as a whole.
package enum AtomicFile {
    /// Replaces a file so that any reader sees either the old or the new content, power cuts
    /// included.
    ///
    /// The new file has exactly `mode`, whatever the umask, and belongs to `owner` if one is given.
    /// What means nothing after a power cut needn't wait for the disk: `isDurable` is false for it.
    package static func write(
        _ bytes: some Sequence<UInt8>,
        to path: FilePath,
        mode: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead],
        owner: FileOwner? = nil,
        isDurable: Bool = true,
    ) throws(SystemError) {
        tidy(path)
        let temporary = TemporaryFile.path(beside: path)
        let file = try OpenFile(
            temporary,
            O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
            mode: mode,
        )
        do {
            try file.setPermissions(mode)
            if let owner { try file.setOwner(owner) }
            try file.writeAll(Array(bytes))
            if isDurable { try file.synchronize() }
            try check("replace", path: path) { rename(temporary.string, path.string) }
        } catch {
            unlink(temporary.string)
            throw error
        }
        if isDurable { try synchronizeDirectory(of: path) }
    }

    /// Overwrites a file without changing its inode, for readers that watch the inode itself.
    ///
    /// A reader may see it empty or half-written for a moment. A symbolic link is not followed,
    /// because root also writes into directories that belong to users.
    package static func writeInPlace(
        _ bytes: some Sequence<UInt8>,
        to path: FilePath,
        mode: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead],
        owner: FileOwner? = nil,
    ) throws(SystemError) {
        let file = try OpenFile(path, O_WRONLY | O_CREAT | O_NOFOLLOW, mode: mode)
        if let owner { try file.setOwner(owner) }
        try file.truncate()
        try file.writeAll(Array(bytes))
    }

    /// The whole content of a regular file that is at most `limit` bytes long.
    ///
    /// A device or a pipe in its place, which a link may lead to, is an error: reading it might
    /// never end. It isn't even opened, because that has an effect on some devices.
    package static func read(
        _ path: FilePath,
        limit: Int = FileLimit.state,
    ) throws(SystemError) -> [UInt8] {
        if let status = try FileStatus.of(path), !status.isRegularFile {
            throw notRegular(path, isDirectory: status.isDirectory)
        }
        // Another file may have taken the name since, so opening must not wait for a writer.
        let file = try OpenFile(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
        let kind = try file.status().st_mode & S_IFMT
        guard kind == S_IFREG else { throw notRegular(path, isDirectory: kind == S_IFDIR) }
        return try file.readAll(limit: limit)
    }

    private static func notRegular(_ path: FilePath, isDirectory: Bool) -> SystemError {
        isDirectory
            ? SystemError("read", path: path, errno: .isDirectory)
            : SystemError("read the device or pipe", path: path, errno: .notSupported)
    }

    /// The paths that this process has written already: only its first write of each looks for what
    /// killed ones have left.
    private static let tidied = Mutex<Set<FilePath>>([])
    private static let mostTidied = 1000

    private static func tidy(_ path: FilePath) {
        let isFirst = tidied.withLock { paths in
            paths.count < mostTidied && paths.insert(path).inserted
        }
        if isFirst { TemporaryFile.removeAbandoned(beside: path) }
    }

    /// Makes the new name itself survive a power cut.
    private static func synchronizeDirectory(of path: FilePath) throws(SystemError) {
        let parent = path.removingLastComponent()
        let directory = try OpenFile(parent.isEmpty ? "." : parent, O_RDONLY | O_DIRECTORY)
        do {
            try directory.synchronize()
        } catch {
            // Some file systems (network, FUSE) can't sync a directory; the file is in place.
            guard error.errno == .invalidArgument || error.errno == .notSupported else {
                throw error
            }
        }
    }
}
