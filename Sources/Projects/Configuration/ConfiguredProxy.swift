import HostSystem
package import PortlessCore
package import SystemPackage

/// What a project's `portless.json` or the user's `config.json` asks of the proxy.
package struct ConfiguredProxy: Hashable, Sendable {
    package var request = ProxyRequest()
    /// Whether the names are to be kept in the hosts file.
    package var syncsHosts: Bool?
    /// Where the file's keys are, those about other things as well.
    var origins: [String: SourceLocation] = [:]

    package init() {}

    /// Where a key was found: the file, relative to the folder that was read, and the line.
    package func origin(of key: String) -> (file: String, line: Int)? {
        origins[key].map { ($0.file, $0.line) }
    }

    package var isEmpty: Bool { request == ProxyRequest() && syncsHosts == nil }

    /// The same keys at the top of another file; its other keys are not looked at.
    package static func read(
        _ file: String,
        in folder: FilePath,
    ) throws(ProjectConfigurationError) -> ConfiguredProxy {
        try ProjectReader.read(folder) { reader throws(ProjectConfigurationError) in
            let object: ConfigurationObject?
            do throws(SourceError) {
                object = try reader.json(file)
            } catch {
                throw .json(error, in: folder)
            }
            guard let object else { return ConfiguredProxy() }
            var keys = ProjectConfigurationReader(file: file)
            let proxy = keys.proxy(object)
            if let problem = keys.problems.first { throw problem.error(in: folder, file: file) }
            return proxy
        }
    }

    /// Of the folder's project: its own keys first, then those of its workspace's root.
    ///
    /// The search for a root ends with the repository.
    package static func ofProject(
        in folder: FilePath
    ) throws(ProjectConfigurationError) -> [(folder: FilePath, proxy: ConfiguredProxy)] {
        var found = [(folder: folder, proxy: try of(folder))]
        let repository = GitRepository.root(above: folder)
        guard folder != repository else { return found.filter { !$0.proxy.isEmpty } }
        for ancestor in folder.selfAndAncestors.dropFirst() {
            if Workspace.isRoot(ancestor) {
                found.append((ancestor, try of(ancestor)))
                break
            }
            if ancestor == repository { break }
        }
        return found.filter { !$0.proxy.isEmpty }
    }

    private static func of(
        _ folder: FilePath
    ) throws(ProjectConfigurationError) -> ConfiguredProxy {
        // Most folders have neither, and a reader takes a thread of its own.
        let files = [ProjectConfiguration.file, PackageManifest.file]
        guard files.contains(where: { (try? FileStatus.of(folder.appending($0))) != nil }) else {
            return ConfiguredProxy()
        }
        return try ProjectConfiguration.load(in: folder).proxy
    }
}

/// The keys of it.
extension ProjectConfigurationReader {
    static let proxyKeys: Set = ["https", "port", "tld", "wildcard", "syncHosts", "unprivileged"]

    mutating func proxy(_ object: ConfigurationObject) -> ConfiguredProxy {
        var proxy = ConfiguredProxy()
        for property in object.properties { proxy.origins[property.name] = property.value.origin }
        proxy.request.usesTLS = choice("https", of: object)
        proxy.request.usesWildcards = choice("wildcard", of: object)
        proxy.request.isUnprivileged = choice("unprivileged", of: object)
        proxy.syncsHosts = choice("syncHosts", of: object)
        if let value = object["port"] {
            proxy.request.port = value.integer.flatMap { Port($0) }
            if proxy.request.port == nil {
                note(value, at: "port", expected: "a whole number from 1 to 65535")
            }
        }
        if let value = object["tld"] { proxy.request.tlds = topLevelNames(value) }
        if let value = object["port"], let port = proxy.request.port, port < 1024,
            proxy.request.isUnprivileged == true
        {
            note(
                value,
                at: "port",
                problem: "with \"unprivileged\" it can't be below 1024, as \(port) is",
            )
        }
        return proxy
    }

    private mutating func choice(_ key: String, of object: ConfigurationObject) -> Bool? {
        guard let value = object[key] else { return nil }
        if value.boolean == nil { note(value, at: key, expected: "true or false") }
        return value.boolean
    }

    private mutating func topLevelNames(_ value: ConfigurationValue) -> [TLD]? {
        let texts = value.string.map { [$0] } ?? value.array?.compactMap(\.string)
        guard let texts, !texts.isEmpty, texts.count == value.array?.count ?? 1 else {
            note(
                value,
                at: "tld",
                expected: "a top-level name such as \"test\", or a list of them",
            )
            return nil
        }
        do throws(NameError) {
            return try TLD.list(parsing: texts.joined(separator: ","))
        } catch {
            var reason = error.description
            if reason.hasSuffix(".") { reason.removeLast() }
            note(value, at: "tld", problem: reason)
            return nil
        }
    }
}
