package import PortlessCore
package import SystemPackage

/// What tells this machine's resolver to ask Portless for the names under its top-level names.
///
/// A resolver that isn't here has no files; what it would need is decided without looking.
package struct ResolverFiles: Hashable, Sendable {
    /// A program that answers the machine's DNS queries.
    package enum Resolver: String, CaseIterable, Sendable {
        case systemdResolved = "systemd-resolved"
        /// With `dns=dnsmasq`, which starts a dnsmasq of its own.
        case networkManager = "NetworkManager"
        case dnsmasq
        /// The system's own, which reads a file for each top-level name (resolver(5)).
        case macOS
    }

    /// Where Portless answers, unless the user says otherwise.
    package static let usualPort = CoreEndpoint.dns.port

    package struct File: Hashable, Sendable {
        package let path: FilePath
        package let text: String
    }

    package let resolver: Resolver
    package let files: [File]
    /// Makes the resolver read them; nil where it does so by itself.
    package let reload: Command?

    /// `root` is `/`, or a folder of a test's.
    package init(_ resolver: Resolver, tlds: [TLD], port: Port, under root: FilePath = "/") {
        self.resolver = resolver
        // Multicast DNS answers these, and systems send them nowhere else.
        let names = tlds.filter { $0 != .local }.map(\.description)
        let place = Self.folder(of: resolver, under: root)
        switch resolver {
        case .systemdResolved:
            let text = """
                [Resolve]
                DNS=127.0.0.1:\(port)
                Domains=\(names.map { "~\($0)" }.joined(separator: " "))
                """
            files = names.isEmpty ? [] : [File(place.appending("portless.conf"), text)]
            reload = Command("systemctl", ["restart", "systemd-resolved"])
        case .networkManager, .dnsmasq:
            let lines = names.map { "server=/\($0)/127.0.0.1#\(port)" }
            files =
                names.isEmpty
                ? [] : [File(place.appending("portless.conf"), lines.joined(separator: "\n"))]
            reload =
                resolver == .networkManager
                ? Command("systemctl", ["reload", "NetworkManager"])
                : Command("systemctl", ["restart", "dnsmasq"])
        case .macOS:
            files = names.map { name in
                File(place.appending(name), "nameserver 127.0.0.1\nport \(port)")
            }
            reload = nil
        }
    }

    /// The folder from which the resolver reads further files.
    package static func folder(of resolver: Resolver, under root: FilePath) -> FilePath {
        switch resolver {
        case .systemdResolved: root.appending("etc/systemd/resolved.conf.d")
        case .networkManager: root.appending("etc/NetworkManager/dnsmasq.d")
        case .dnsmasq: root.appending("etc/dnsmasq.d")
        case .macOS: root.appending("etc/resolver")
        }
    }
}

extension ResolverFiles.File {
    /// The first line of each file, by which it is known as ours.
    package static let mark =
        "# Written by `portless dns install`; `portless dns uninstall` removes it."

    fileprivate init(_ path: FilePath, _ text: String) {
        self.init(path: path, text: "\(Self.mark)\n\(text)\n")
    }
}
