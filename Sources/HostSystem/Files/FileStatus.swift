import CLibrary
package import SystemPackage

/// What distinguishes one state of a file from another without reading it.
package struct FileStatus: Hashable, Sendable {
    package let device: UInt64
    package let inode: UInt64
    package let size: Int64
    /// Nanoseconds since 1970; the same for all changes within a tick of the kernel's clock.
    ///
    /// Dates before 1677 and after 2262 have the nearest value that fits.
    package let modified: Int64
    /// As `modified`, but for any change, and beyond the reach of `utimes`.
    package let changed: Int64
    package let owner: FileOwner
    package let permissions: FilePermissions
    package let isRegularFile: Bool
    package let isDirectory: Bool
    package let isSymbolicLink: Bool
    package let isSocket: Bool

    /// Nil where there is nothing at `path`.
    package static func of(
        _ path: FilePath,
        followingLinks: Bool = true,
    ) throws(SystemError) -> FileStatus? {
        var raw = stat()
        let result = path.withPlatformString { name in
            fstatat(AT_FDCWD, name, &raw, followingLinks ? 0 : AT_SYMLINK_NOFOLLOW)
        }
        guard result != 0 else { return FileStatus(raw) }
        let error = SystemError.last("look at", path: path)
        guard error.errno == .noSuchFileOrDirectory || error.errno == .notDirectory else {
            throw error
        }
        return nil
    }

    private init(_ raw: stat) {
        #if canImport(Darwin)
        modified = Self.nanoseconds(raw.st_mtimespec)
        changed = Self.nanoseconds(raw.st_ctimespec)
        #else
        modified = Self.nanoseconds(raw.st_mtim)
        changed = Self.nanoseconds(raw.st_ctim)
        #endif
        device = UInt64(truncatingIfNeeded: raw.st_dev)
        inode = UInt64(raw.st_ino)
        size = Int64(clamping: raw.st_size)
        owner = FileOwner(uid: raw.st_uid, gid: raw.st_gid)
        permissions = FilePermissions(rawValue: CInterop.Mode(raw.st_mode & 0o7777))
        isRegularFile = raw.st_mode & S_IFMT == S_IFREG
        isDirectory = raw.st_mode & S_IFMT == S_IFDIR
        isSymbolicLink = raw.st_mode & S_IFMT == S_IFLNK
        isSocket = raw.st_mode & S_IFMT == S_IFSOCK
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(nanosecondsOf: time)
    }
}

/// The owner of a file: for files that root creates, the user who called sudo.
package struct FileOwner: Hashable, Sendable {
    package let uid: UInt32
    package let gid: UInt32

    package init(uid: UInt32, gid: UInt32) {
        self.uid = uid
        self.gid = gid
    }
}
