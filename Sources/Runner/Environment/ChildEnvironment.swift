package import PortlessCore
package import SystemPackage

/// The environment variables that an app gets from us.
package struct ChildEnvironment: Sendable {
    package var port: Port
    /// The address to listen on; nil leaves it to the app (Expo in LAN mode).
    package var host: String? = "127.0.0.1"
    /// The primary address under which the app is reached.
    package var url: String
    /// The top-level domains, without a leading dot, whose names the app should accept as `Host`.
    package var topLevelDomains: [String]
    package var isLAN = false
    /// The certificates that Node should trust on top of its own, where TLS is used.
    package var nodeCertificates: FilePath?
    /// Further variables; those that the user has set win.
    package var defaults: [String: String] = [:]

    package init(port: Port, url: String, topLevelDomains: [String]) {
        self.port = port
        self.url = url
        self.topLevelDomains = topLevelDomains
    }

    /// The whole environment of the child, based on our own.
    package func applied(to inherited: [String: String]) -> [String: String] {
        var result = inherited
        result["PORT"] = port.description
        if let host { result["HOST"] = host }
        result["PORTLESS_URL"] = url
        let allowed = topLevelDomains.map { "." + $0 }
        result["__VITE_ADDITIONAL_SERVER_ALLOWED_HOSTS"] = allowed.joined(separator: ",")
        // The app adds the user's own names to those of config.hosts, as it does ours.
        let users = inherited["RAILS_DEVELOPMENT_HOSTS"].flatMap { $0.isEmpty ? nil : $0 }
        result["RAILS_DEVELOPMENT_HOSTS"] =
            ([users].compactMap(\.self) + allowed).joined(separator: ",")
        if isLAN { result["PORTLESS_LAN"] = "1" }
        var defaults = defaults
        if let nodeCertificates { defaults["NODE_EXTRA_CA_CERTS"] = nodeCertificates.string }
        return result.merging(defaults) { users, _ in users }
    }
}

/// The PATH that a child gets.
package enum SearchPath {
    /// `path` with every `node_modules/.bin` from `directory` upward before it, nearest first, as
    /// package managers do for scripts.
    ///
    /// Only those for which `isDirectory` says yes are added.
    package static func withLocalPrograms(
        from directory: FilePath,
        path: String?,
        isDirectory: (FilePath) -> Bool,
    ) -> String {
        var found: [String] = []
        var current = directory
        while true {
            let programs = current.appending("node_modules").appending(".bin")
            if isDirectory(programs) { found.append(programs.string) }
            guard current.removeLastComponent() else { break }
        }
        if let path, !path.isEmpty { found.append(path) }
        return found.joined(separator: ":")
    }
}
