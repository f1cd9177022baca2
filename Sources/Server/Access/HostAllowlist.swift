/// The names that this server answers to.
///
/// A page that was rebound to a loopback address (DNS rebinding) still says its own name in
/// `Host`; an address can't be rebound.
package struct HostAllowlist: Hashable, Sendable {
    package var names: Set<String>
    /// Whether the addresses of this computer on the network count too.
    package var allowsAddresses: Bool

    package init(names: Set<String>, allowsAddresses: Bool = false) {
        self.names = Set(names.map { $0.lowercased() })
        self.allowsAddresses = allowsAddresses
    }

    func allows(_ authority: String) -> Bool {
        let host = Self.host(of: authority)
        if host.isEmpty { return false }
        if host == "localhost" || host == "::1" || names.contains(host) { return true }
        guard Self.isAddress(host) else { return false }
        return allowsAddresses || host.hasPrefix("127.")
    }

    /// The authority without its port, brackets and the root's dot, in lower case.
    static func host(of authority: String) -> String {
        let lower = authority.lowercased()
        if lower.hasPrefix("[") {
            guard let end = lower.firstIndex(of: "]") else { return "" }
            return String(lower[lower.index(after: lower.startIndex)..<end])
        }
        let host = lower.prefix { $0 != ":" }
        return String(host.hasSuffix(".") ? host.dropLast() : host)
    }

    private static func isAddress(_ host: String) -> Bool {
        if host.contains(":") { return host.allSatisfy { $0.isHexDigit || ":.".contains($0) } }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }
}
