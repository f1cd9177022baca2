import CLibrary
package import SystemPackage

/// Single operations on paths.
package enum FileSystem {
    /// False if the path exists.
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

    package static func isWritable(_ directory: FilePath) -> Bool {
        access(directory.string, W_OK | X_OK) == 0
    }

    /// Whether this process may connect to a socket in the file system.
    package static func isConnectable(_ socket: FilePath) -> Bool {
        var status = stat()
        guard stat(socket.string, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
            return false
        }
        return access(socket.string, W_OK) == 0
    }

    /// Removes an empty directory; one that is gone already is fine.
    package static func removeDirectory(_ path: FilePath) throws(SystemError) {
        do {
            try check("remove directory", path: path) { rmdir(path.string) }
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
        }
    }

    /// Removes a directory and its contents, without following links.
    package static func removeTree(_ path: FilePath) throws(SystemError) {
        // A folder that can't be written to, as in Go's module cache, keeps its content.
        if try FileStatus.of(path, followingLinks: false)?.isDirectory == true, !isWritable(path) {
            try? setPermissions(.ownerReadWriteExecute, of: path)
        }
        for name in DirectoryListing.names(path) {
            let entry = path.appending(name)
            if try FileStatus.of(entry, followingLinks: false)?.isDirectory == true {
                try removeTree(entry)
            } else {
                try removeFile(entry)
            }
        }
        try removeDirectory(path)
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

    /// Gives `path` itself to another user, never the target of a symbolic link.
    package static func setOwner(_ owner: FileOwner, of path: FilePath) throws(SystemError) {
        try check("change the owner of", path: path) { lchown(path.string, owner.uid, owner.gid) }
    }
}

extension FileSystem {
    /// The path without links and dots; nil if it doesn't exist.
    package static func canonical(_ path: FilePath) -> FilePath? {
        guard let resolved = realpath(path.string, nil) else { return nil }
        defer { free(resolved) }
        return FilePath(String(cString: resolved))
    }
}

/// The content of a directory.
package enum DirectoryListing {
    /// The names in a directory, without `.` and `..`; none if it can't be read.
    ///
    /// At most `limit` of them, whichever the system gives first.
    package static func names(_ path: FilePath, limit: Int = .max) -> [String] {
        guard let directory = opendir(path.string) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while names.count < limit, let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }
}

/// Symbolic links, read without following them.
package enum SymbolicLink {
    /// The target as the link has it; nil if it can't be read or is no link.
    package static func target(_ path: FilePath) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        guard readlink(path.string, &buffer, buffer.count - 1) >= 0 else { return nil }
        return String(nullTerminated: buffer)
    }
}
