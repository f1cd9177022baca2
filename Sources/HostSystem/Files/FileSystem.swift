package import SystemPackage

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Single operations on names in the file system.
package enum FileSystem {
    /// False where something of that name is there already.
    package static func makeDirectory(
        _ path: FilePath,
        mode: FilePermissions,
    ) throws(SystemError) -> Bool {
        do {
            try check("make directory", path: path) { mkdir(path.string, mode_t(mode.rawValue)) }
            return true
        } catch {
            guard error.errno == .fileExists else { throw error }
            return false
        }
    }

    /// Whether this process could make files in a directory.
    package static func isWritable(_ directory: FilePath) -> Bool {
        access(directory.string, W_OK | X_OK) == 0
    }

    /// Removes an empty directory; one that is gone already is fine.
    package static func removeDirectory(_ path: FilePath) throws(SystemError) {
        do {
            try check("remove directory", path: path) { rmdir(path.string) }
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
        }
    }

    /// Removes a file or a link; one that is gone already is fine.
    package static func removeFile(_ path: FilePath) throws(SystemError) {
        do {
            try check("remove", path: path) { unlink(path.string) }
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
        }
    }

    package static func move(_ path: FilePath, to target: FilePath) throws(SystemError) {
        try check("rename", path: path) { rename(path.string, target.string) }
    }

    package static func setPermissions(
        _ permissions: FilePermissions,
        of path: FilePath,
    ) throws(SystemError) {
        try check("change the mode of", path: path) {
            chmod(path.string, mode_t(permissions.rawValue))
        }
    }

    /// Gives `path` itself to another user, a symbolic link's target never.
    package static func setOwner(_ owner: FileOwner, of path: FilePath) throws(SystemError) {
        try check("change the owner of", path: path) { lchown(path.string, owner.uid, owner.gid) }
    }
}
