package import HostSystem
package import PortlessCore
package import SystemPackage

/// The resolver of this machine, which is told to ask Portless for its names, and told no more.
package struct SystemResolver: Sendable {
    package enum Status: Hashable, Sendable {
        case asksUs
        case asksOthers
        /// A file of another author has the name that ours would have.
        case occupied(FilePath)
    }

    /// Nil where no resolver that can be told so is known here.
    package let resolver: ResolverFiles.Resolver?
    private let root: FilePath
    private let changesReload: Bool
    private let runner: any CommandRunner

    /// `PORTLESS_RESOLVER_ROOT` names a folder to use in place of `/`; then no resolver is made to
    /// read what was written.
    package init(environment: [String: String], runner: any CommandRunner) {
        let root = environment["PORTLESS_RESOLVER_ROOT"].flatMap { $0.isEmpty ? nil : $0 }
        self.root = FilePath(root ?? "/")
        changesReload = root == nil
        self.runner = runner
        resolver = Self.find(under: self.root)
    }

    private static func find(under root: FilePath) -> ResolverFiles.Resolver? {
        if TrustEnvironment.Platform.current == .macOS { return .macOS }
        // A folder that it makes when it starts.
        if root.appending("run/systemd/resolve").isDirectory { return .systemdResolved }
        if usesDnsmasq(networkManager: root.appending("etc/NetworkManager")) {
            return .networkManager
        }
        let folder = ResolverFiles.folder(of: .dnsmasq, under: root)
        return folder.isDirectory ? .dnsmasq : nil
    }

    private static func usesDnsmasq(networkManager folder: FilePath) -> Bool {
        let more = folder.appending("conf.d")
        let files =
            [folder.appending("NetworkManager.conf")]
            + DirectoryListing.names(more, limit: 1000).filter { $0.hasSuffix(".conf") }
            .map { more.appending($0) }
        return files.contains { file in
            guard let bytes = try? AtomicFile.read(file, limit: FileLimit.line) else {
                return false
            }
            let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
            return lines.contains { $0.filter { !$0.isWhitespace } == "dns=dnsmasq" }
        }
    }

    package func status(tlds: [TLD], port: Port) -> Status {
        guard let resolver else { return .asksOthers }
        let wanted = ResolverFiles(resolver, tlds: tlds, port: port, under: root).files
        for file in wanted where isForeign(file.path) { return .occupied(file.path) }
        return !wanted.isEmpty && wanted.allSatisfy { text(of: $0.path) == $0.text }
            ? .asksUs : .asksOthers
    }

    /// Makes the resolver ask us for names under these top-level names, and under no others.
    ///
    /// Needs root's rights to files; false where it asks us already.
    package func install(tlds: [TLD], port: Port) async throws(ResolverError) -> Bool {
        guard let resolver else { throw .unknownResolver }
        let configuration = ResolverFiles(resolver, tlds: tlds, port: port, under: root)
        guard !configuration.files.isEmpty else { throw .nothingToAsk }
        for file in configuration.files where isForeign(file.path) {
            throw .occupied(file.path)
        }
        let stale = written().filter { path in
            !configuration.files.contains { $0.path == path }
        }
        let missing = configuration.files.filter { text(of: $0.path) != $0.text }
        guard !stale.isEmpty || !missing.isEmpty else { return false }
        for file in missing {
            try edit(file.path) { () throws(SystemError) in
                _ = try FileSystem.makeDirectory(
                    file.path.removingLastComponent(),
                    mode: [.ownerReadWriteExecute, .groupReadExecute, .otherReadExecute],
                )
                try AtomicFile.write(file.text.utf8, to: file.path)
            }
        }
        try remove(stale)
        try await reload([resolver])
        return true
    }

    /// Takes our files away; false where there are none.
    package func uninstall() async throws(ResolverError) -> Bool {
        let resolvers = ResolverFiles.Resolver.allCases.filter { !written(by: $0).isEmpty }
        guard !resolvers.isEmpty else { return false }
        try remove(written())
        try await reload(resolvers)
        return true
    }

    // MARK: Files

    private func written() -> [FilePath] {
        ResolverFiles.Resolver.allCases.flatMap { written(by: $0) }
    }

    private func written(by resolver: ResolverFiles.Resolver) -> [FilePath] {
        let folder = ResolverFiles.folder(of: resolver, under: root)
        return DirectoryListing.names(folder, limit: 1000).sorted()
            .map { folder.appending($0) }
            .filter { text(of: $0)?.hasPrefix(ResolverFiles.File.mark) == true }
    }

    private func isForeign(_ path: FilePath) -> Bool {
        guard (try? FileStatus.of(path, followingLinks: false)) != nil else { return false }
        return text(of: path)?.hasPrefix(ResolverFiles.File.mark) != true
    }

    private func text(of path: FilePath) -> String? {
        let bytes = try? AtomicFile.read(path, limit: FileLimit.line)
        return bytes.map { String(decoding: $0, as: UTF8.self) }
    }

    private func remove(_ paths: [FilePath]) throws(ResolverError) {
        for path in paths {
            try edit(path) { () throws(SystemError) in try FileSystem.removeFile(path) }
        }
    }

    private func edit(
        _ path: FilePath,
        _ body: () throws(SystemError) -> Void,
    ) throws(ResolverError) {
        do {
            try Privileges.asRoot(body)
        } catch {
            throw .cannotWrite(path, error)
        }
    }

    private func reload(_ resolvers: [ResolverFiles.Resolver]) async throws(ResolverError) {
        guard changesReload else { return }
        for resolver in resolvers {
            let configuration = ResolverFiles(resolver, tlds: [], port: ResolverFiles.usualPort)
            guard let command = configuration.reload else { continue }
            do {
                try await runner.perform(command)
            } catch {
                throw .cannotReload(command, reason: error.description)
            }
        }
    }
}

/// Why the resolver can't be told.
package enum ResolverError: Error, CustomStringConvertible {
    case unknownResolver
    case nothingToAsk
    case occupied(FilePath)
    case cannotWrite(FilePath, SystemError)
    case cannotReload(Command, reason: String)

    /// Whether root could do it.
    package var needsRoot: Bool {
        guard case .cannotWrite(_, let error) = self else { return false }
        return error.errno == .permissionDenied || error.errno == .notPermitted
    }

    package var description: String {
        switch self {
        case .unknownResolver:
            "No resolver was found that can be told whom to ask (systemd-resolved, NetworkManager "
                + "with dnsmasq, dnsmasq). Use `portless hosts sync`."
        case .nothingToAsk:
            "The proxy has no top-level name that DNS may answer: .local belongs to multicast DNS."
        case .occupied(let path):
            "\(path) exists and isn't of our making. Move it away, then run `portless dns install`."
        case .cannotWrite(let path, let error):
            "Can't change \(path) (\(error)). Run the command with sudo."
        case .cannotReload(let command, let reason):
            "The files are in place, but the resolver doesn't read them yet: \(reason). "
                + "Run `sudo \(command)`."
        }
    }
}
