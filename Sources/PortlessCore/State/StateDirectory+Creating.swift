import HostSystem
package import SystemPackage

extension StateDirectory {
    /// Makes sure that the directory is there, is the caller's and shows its list to nobody else.
    ///
    /// `userID` is the process's effective user.
    package func create(userID: UInt32) throws {
        try makeMissing()
        guard let status = try FileStatus.of(path), status.isDirectory else {
            throw StateDirectoryError.notADirectory(path)
        }
        // Under sudo what belongs to root is refused, too: the path is the user's word, and what it
        // leads to must not become theirs.
        guard status.owner.uid == owner?.uid ?? userID else {
            throw StateDirectoryError.foreignOwner(path, uid: status.owner.uid)
        }
        // The original makes it 0755. Others may reach a file whose name they know, such as the
        // CA certificate, but not list; whoever made it stricter than that keeps it so.
        let mode = FilePermissions(rawValue: status.permissions.rawValue & 0o711 | 0o700)
        if status.permissions != mode { try FileSystem.setPermissions(mode, of: path) }
    }

    private func makeMissing() throws {
        var missing: [FilePath] = []
        var candidate = path
        while try !candidate.isEmpty && FileStatus.of(candidate) == nil {
            missing.append(candidate)
            candidate.removeLastComponent()
        }
        for directory in missing.reversed() {
            let mode: CInterop.Mode = directory == path ? 0o711 : 0o755
            let isNew = try FileSystem.makeDirectory(directory, mode: .init(rawValue: mode))
            if isNew, let owner { try FileSystem.setOwner(owner, of: directory) }
        }
    }

    /// Replaces a file of the directory as a whole.
    package func write(
        _ text: String,
        to file: FilePath,
        isSecret: Bool = false,
    ) throws {
        let mode: FilePermissions =
            isSecret ? .ownerReadWrite : [.ownerReadWrite, .groupRead, .otherRead]
        try AtomicFile.write(text.utf8, to: file, mode: mode, owner: owner)
    }

    /// The text of a file of the directory; nil where there is none.
    package func text(of file: FilePath) throws -> String? {
        do {
            return String(decoding: try AtomicFile.read(file), as: UTF8.self)
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            return nil
        }
    }
}
