/// The suffix that names are made under, one label (`localhost`) or several (`dev.example.com`).
package struct TLD: Hashable, Sendable, CustomStringConvertible {
    package let hostname: Hostname

    package static let localhost = TLD(known: "localhost")
    /// The suffix of names that multicast DNS publishes (RFC 6762).
    package static let local = TLD(known: "local")

    package init(_ hostname: Hostname) {
        self.hostname = hostname
    }

    package init(parsing text: some StringProtocol) throws(NameError) {
        let name = text.lowercased()
        guard !name.hasSuffix("."), let hostname = Hostname(name) else {
            throw .invalidTLD(String(text))
        }
        self.init(hostname)
    }

    package var description: String { hostname.description }

    private init(known name: String) {
        guard let hostname = Hostname(name) else { preconditionFailure("\(name) is a name") }
        self.hostname = hostname
    }

    /// A comma-separated list, in its order and without repetitions.
    package static func list(parsing text: some StringProtocol) throws(NameError) -> [TLD] {
        var list: [TLD] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let tld = try TLD(parsing: part.trimmingBlanks)
            if !list.contains(tld) { list.append(tld) }
        }
        return list
    }

    /// Why names under this suffix may not work; nil for harmless ones.
    package var warning: String? {
        switch hostname.labels.last {
        case "local":
            ".local names belong to multicast DNS (mDNS) and may resolve slowly or elsewhere."
        case "dev", "app":
            ".\(hostname.labels.last ?? "") is preloaded for HSTS: browsers insist on HTTPS."
        default:
            Self.publicSuffixes.contains(description)
                ? ".\(self) is a public top-level domain: real sites under it become unreachable."
                : nil
        }
    }

    private static let publicSuffixes: Set = [
        "com", "org", "net", "io", "edu", "gov", "mil", "int",
    ]
}
