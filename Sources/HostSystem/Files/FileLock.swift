import CLibrary
package import SystemPackage

/// An exclusive lock between processes, which the system releases however its holder ends.
package enum FileLock {
    /// Runs `body` once every earlier holder of the lock at `path` has finished.
    ///
    /// The lock file is created with mode 0600 and stays; it belongs to `owner` if one is given.
    package static func withLock<Result>(
        at path: FilePath,
        owner: FileOwner? = nil,
        _ body: () throws -> Result,
    ) throws -> Result {
        let file = try lock(path, owner)
        defer { extendLifetime(file) }
        return try body()
    }

    private static func lock(
        _ path: FilePath,
        _ owner: FileOwner?,
    ) throws(SystemError) -> OpenFile {
        while true {
            let file = try OpenFile(
                path,
                O_RDWR | O_CREAT | O_NOFOLLOW,
                mode: .ownerReadWrite,
            )
            if let owner { try file.setOwner(owner) }
            try check("lock", path: path) { flock(file.descriptor, LOCK_EX) }
            if try isStillThere(file) { return file }
        }
    }

    /// If another process removed the file meanwhile, there may be a second lock of that name.
    private static func isStillThere(_ file: borrowing OpenFile) throws(SystemError) -> Bool {
        let opened = try file.status()
        var named = stat()
        guard stat(file.path.string, &named) == 0 else { return false }
        return named.st_ino == opened.st_ino && named.st_dev == opened.st_dev
    }
}

/// An exclusive lock between processes, held as long as this value, or any process that got its
/// descriptor, lives.
package final class HeldLock: Sendable {
    private let file: OpenFile

    package var descriptor: FileDescriptor { FileDescriptor(rawValue: file.descriptor) }

    private init(_ file: consuming OpenFile) {
        self.file = file
    }

    /// Nil while another process holds it; the lock file has mode 0600 and stays.
    package static func take(at path: FilePath) throws(SystemError) -> HeldLock? {
        let file = try OpenFile(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: .ownerReadWrite)
        guard flock(file.descriptor, LOCK_EX | LOCK_NB) != 0 else { return HeldLock(file) }
        let error = SystemError.last("lock", path: path)
        guard error.errno == .wouldBlock else { throw error }
        return nil
    }
}
