import HostSystem

/// What another machine says of its proxy and of the names there; see `RemoteScript`.
package struct RemoteReport: Hashable, Sendable {
    /// A machine that sends more names than this isn't believed.
    private static let mostNames = 1000

    /// Nil where no proxy runs.
    package var proxyPort: Port?
    package var tlds: [TLD]
    /// In the routes' order.
    package var hostnames: [Hostname]

    /// Reads `<port> <TLDs> <dead PIDs> <routes.json>`, each `-` where there is none; nil where it is
    /// something else.
    package init?(line: some StringProtocol) {
        let parts = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        proxyPort = Port(String(parts[0]))
        let named = parts[1].split(separator: ",").compactMap { try? TLD(parsing: $0) }
        tlds = parts[1] == "-" || named.isEmpty ? [.localhost] : named
        let dead = Set(parts[2].split(separator: ",").compactMap { Int32($0) })
        guard parts[3].trimmingBlanks != "-" else {
            hostnames = []
            return
        }
        guard let document = try? RoutesDocument(parsing: Array(parts[3].utf8)) else { return nil }
        hostnames = document.entries
            // What that machine mirrors itself, from here even, stays there.
            .filter { $0.remote == nil && ($0.isAlias || !dead.contains($0.pid)) }
            .prefix(Self.mostNames)
            .compactMap(\.route?.hostname)
    }

    /// Its names under a label of their own on this machine.
    package func mirrored(as label: String, under own: [TLD]) -> [MirroredName] {
        var names: [MirroredName] = []
        var known: Set<Hostname> = []
        for hostname in hostnames {
            guard let base = base(of: hostname) else { continue }
            for tld in own {
                guard let name = Hostname("\(base).\(label).\(tld)"),
                    known.insert(name).inserted
                else { continue }
                names.append(MirroredName(hostname: name, remote: hostname))
            }
        }
        return names
    }

    /// The name without its TLD; nil for a name that its proxy doesn't serve any more.
    private func base(of hostname: Hostname) -> Substring? {
        let suffixes = tlds.map { ".\($0)" }.filter { hostname.description.hasSuffix($0) }
        return suffixes.max { $0.count < $1.count }.map { hostname.description.dropLast($0.count) }
    }
}

/// A name on this machine that leads to one on another machine.
package struct MirroredName: Hashable, Sendable {
    package let hostname: Hostname
    /// Its name there.
    package let remote: Hostname

    package init(hostname: Hostname, remote: Hostname) {
        self.hostname = hostname
        self.remote = remote
    }
}
