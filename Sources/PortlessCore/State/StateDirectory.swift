package import HostSystem
package import SystemPackage

/// The folder that holds everything this program remembers, and the names of the files in it.
///
/// The original `portless` uses the same folder; the names and formats that both know are its.
package struct StateDirectory: Hashable, Sendable {
    package let path: FilePath
    /// To whom files belong that root creates here: the user behind sudo; nil for everybody else.
    package let owner: FileOwner?

    package init(path: FilePath, owner: FileOwner? = nil) {
        self.path = path
        self.owner = owner
    }
}

extension StateDirectory {
    package var routes: FilePath { path.appending("routes.json") }
    /// The original's lock, a directory that exists while someone holds it.
    package var routesLock: FilePath { path.appending("routes.lock") }
    /// Where our own processes queue before one of them takes `routesLock`.
    package var routesQueue: FilePath { path.appending("routes.queue") }

    package var proxyPID: FilePath { path.appending("proxy.pid") }
    package var proxyPort: FilePath { path.appending("proxy.port") }
    package var proxyTLS: FilePath { path.appending("proxy.tls") }
    package var proxyCustomCertificate: FilePath { path.appending("proxy.custom-cert") }
    package var proxyTLDs: FilePath { path.appending("proxy.tlds") }
    package var proxyTLD: FilePath { path.appending("proxy.tld") }
    package var proxyLAN: FilePath { path.appending("proxy.lan") }
    package var proxyLog: FilePath { path.appending("proxy.log") }
    /// What only our own proxy writes: who it is and how it was configured.
    package var proxyRecord: FilePath { path.appending("proxy.json") }

    package var caCertificate: FilePath { path.appending("ca.pem") }
    package var caKey: FilePath { path.appending("ca-key.pem") }
    package var caTrusted: FilePath { path.appending("ca.trusted") }
    package var caTrustRefreshPending: FilePath { path.appending("ca.trust-refresh-pending") }
    /// The system's root certificates and ours, for runtimes that replace their own set.
    package var caBundle: FilePath { path.appending("ca-bundle.pem") }
    /// Bundles that also hold the certificates of files that the user has set in the environment.
    package var caBundles: FilePath { path.appending("ca-bundles") }
    package var hostCertificates: FilePath { path.appending("host-certs") }

    /// Which ephemeral port each name had last.
    package var rememberedPorts: FilePath { path.appending("ports-memory.json") }
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
