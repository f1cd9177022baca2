package import HostSystem
package import SystemPackage

/// The folder that holds everything that Portless remembers, in the files that ``StateFile`` lists.
///
/// The original `portless` uses the same folder; the names and formats that both know are its.
package struct StateDirectory: Hashable, Sendable {
    package let path: FilePath
    /// The owner of files that root creates here: the user who called sudo.
    package let owner: FileOwner?

    package init(path: FilePath, owner: FileOwner? = nil) {
        self.path = path
        self.owner = owner
    }

    package subscript(file: StateFile) -> FilePath { path.appending(file.name) }
}

extension StateDirectory {
    /// The folder for a process with this environment, the same with and without sudo.
    ///
    /// `homeOfUser` is asked for the home of the named user, or of the process's own with nil.
    package static func resolve(
        environment: [String: String],
        userID: UInt32,
        workingDirectory: FilePath,
        homeOfUser: (String?) -> FilePath?,
    ) throws(StateDirectoryError) -> StateDirectory {
        let owner = userID == 0 ? sudoOwner(environment) : nil
        if let chosen = environment["PORTLESS_STATE_DIR"], !chosen.isEmpty {
            let path = workingDirectory.pushing(FilePath(chosen)).lexicallyNormalized()
            return StateDirectory(path: path, owner: owner)
        }
        let home = try home(environment: environment, homeOfUser: homeOfUser)
        return StateDirectory(path: home.appending(".portless"), owner: owner)
    }

    /// The user who runs this through sudo, if any.
    private static func sudoOwner(_ environment: [String: String]) -> FileOwner? {
        guard let uid = environment["SUDO_UID"].flatMap(UInt32.init), uid != 0 else { return nil }
        return FileOwner(uid: uid, gid: environment["SUDO_GID"].flatMap(UInt32.init) ?? uid)
    }

    private static func home(
        environment: [String: String],
        homeOfUser: (String?) -> FilePath?,
    ) throws(StateDirectoryError) -> FilePath {
        let home = environment["HOME"].flatMap { $0.isEmpty ? nil : FilePath($0) }
        guard let sudoUser = environment["SUDO_USER"], !sudoUser.isEmpty, sudoUser != "root" else {
            if let home = home ?? homeOfUser(nil) { return home }
            throw .homeUnknown(user: nil)
        }
        // Some sudo configurations keep HOME, others set it to root's.
        if let home, home != "/root", home != "/var/root" { return home }
        if let home = homeOfUser(sudoUser) { return home }
        throw .homeUnknown(user: sudoUser)
    }
}

extension StateDirectory {
    /// Creates the directory if needed, and makes sure that only the user can list it.
    ///
    /// `userID` is the process's effective user.
    package func create(userID: UInt32) throws {
        try makeMissing()
        guard let status = try FileStatus.of(path), status.isDirectory else {
            throw StateDirectoryError.notADirectory(path)
        }
        // Under sudo a directory of root's is refused, too: the user chooses the path, and what it leads
        // to must not become theirs.
        guard status.owner.uid == owner?.uid ?? userID else {
            throw StateDirectoryError.foreignOwner(path, uid: status.owner.uid)
        }
        // The original makes it 0755. Other users may read a file whose name they know, such as the CA
        // certificate, but not list the directory. A stricter mode stays.
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

    package func text(of file: StateFile) throws -> String? { try text(of: self[file]) }

    /// The text of a file of the directory; nil if there is none.
    package func text(of file: FilePath) throws -> String? {
        try AtomicFile.readIfPresent(file).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// Why the state directory can't be used.
package enum StateDirectoryError: Error, Hashable, CustomStringConvertible {
    case homeUnknown(user: String?)
    case foreignOwner(FilePath, uid: UInt32)
    case notADirectory(FilePath)

    package var description: String {
        switch self {
        case .homeUnknown(let user):
            """
            The home directory of \(user ?? "this user") is unknown. \
            Set PORTLESS_STATE_DIR to a directory of your own.
            """
        case .foreignOwner(let path, let uid):
            uid == 0
                ? """
                The state directory \(path) belongs to root. Take it back with \
                `sudo chown -R "$(id -un)" \(path)`, or set PORTLESS_STATE_DIR to a directory of \
                your own.
                """
                : """
                The state directory \(path) belongs to another user (uid \(uid)). \
                Set PORTLESS_STATE_DIR to a directory of your own.
                """
        case .notADirectory(let path):
            "\(path) is not a directory. Remove it, or set PORTLESS_STATE_DIR to another one."
        }
    }
}
