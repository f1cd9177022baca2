import CLibrary
import Synchronization
package import SystemPackage

/// Files that are read and replaced as a whole.
package enum AtomicFile {
    /// Replaces a file so that any reader sees either the old or the new content, power cuts
    /// included.
    ///
    /// The new file has exactly `mode`, whatever the umask, and belongs to `owner` if one is given.
    /// `isDurable` is false for content that means nothing after a power cut, and then nothing waits
    /// for the disk.
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
    /// never end. It isn't even opened, because opening has an effect on some devices.
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

    /// As `read`; nil where there is no file.
    package static func readIfPresent(_ path: FilePath) throws(SystemError) -> [UInt8]? {
        do {
            return try read(path)
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            return nil
        }
    }

    private static func notRegular(_ path: FilePath, isDirectory: Bool) -> SystemError {
        isDirectory
            ? SystemError("read", path: path, errno: .isDirectory)
            : SystemError("read the device or pipe", path: path, errno: .notSupported)
    }

    /// The paths that this process has written: its first write of each removes the temporary files
    /// of processes that were killed.
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

/// The sizes in bytes up to which files are read as a whole.
package enum FileLimit {
    /// State files, certificates and bundles: many times their usual size.
    package static let state = 8 << 20
    /// Files of the kernel: a machine's sockets, a process's environment.
    static let kernel = 64 << 20
    /// A file of one line, such as git's `HEAD`.
    package static let line = 64 << 10
}

/// Files that are written beside another one and then take its place.
///
/// Such a file is called `.NAME.PID-RANDOM.tmp`. A process that is killed in between leaves it there,
/// and the next one that replaces the file NAME removes it.
package enum TemporaryFile {
    /// Longer than any write takes.
    ///
    /// The PID alone isn't enough: it may count in the PID namespace of a
    /// container that shares the directory.
    private static let abandonedAfter: Int64 = 60_000_000_000

    package static func path(beside path: FilePath) -> FilePath {
        let random = String(UInt64.random(in: .min ... .max), radix: 36)
        return path.removingLastComponent()
            .appending("\(prefix(path))\(getpid())-\(random)\(suffix)")
    }

    /// Removes the old ones for `path` whose writers have ended.
    package static func removeAbandoned(beside path: FilePath) {
        let folder = path.removingLastComponent()
        let prefix = prefix(path)
        for name in DirectoryListing.names(folder.isEmpty ? "." : folder) {
            guard name.hasPrefix(prefix), name.hasSuffix(suffix),
                name.utf8.count > prefix.utf8.count + suffix.utf8.count
            else { continue }
            let middle = name.dropFirst(prefix.count).dropLast(suffix.count)
            let file = folder.appending(name)
            if isOurs(middle), isWriterGone(middle), isOld(file) { unlink(file.string) }
        }
    }

    private static let suffix = ".tmp"

    private static func prefix(_ path: FilePath) -> String {
        ".\(path.lastComponent?.string ?? "file")."
    }

    /// `PID-RANDOM`, or only `RANDOM` as earlier versions wrote it.
    private static func isOurs(_ middle: Substring) -> Bool {
        let parts = middle.split(separator: "-", omittingEmptySubsequences: false)
        guard let random = parts.last, parts.count <= 2, (1...13).contains(random.utf8.count),
            random.allSatisfy({ $0.isASCII && ($0.isNumber || $0.isLowercase) })
        else { return false }
        return parts.count == 1 || Int32(parts[0]) != nil
    }

    private static func isWriterGone(_ middle: Substring) -> Bool {
        guard let dash = middle.firstIndex(of: "-"), let pid = Int32(middle[..<dash]) else {
            return true
        }
        return ProcessIdentity.of(pid: pid) == nil
    }

    /// A file from the future, after the clock was set back, is old, too.
    private static func isOld(_ file: FilePath) -> Bool {
        guard let status = try? FileStatus.of(file, followingLinks: false), status.isRegularFile
        else { return false }
        return SystemClock.now.saturatingSubtract(status.modified).magnitude > abandonedAfter
    }
}
