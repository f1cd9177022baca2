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

    /// The whole content of a file.
    package static func read(_ path: FilePath) throws(SystemError) -> [UInt8] {
        try OpenFile(path, O_RDONLY).readAll()
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
