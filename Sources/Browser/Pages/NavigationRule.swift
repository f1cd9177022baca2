package import HostSystem
package import PortlessCore

/// Decides which addresses a caller of the API may send the browser to.
///
/// A page of the browser can reach what its caller can't: services of this machine without a
/// password, and the metadata of a cloud. So loopback, link-local and metadata addresses are refused
/// however they are written; names that the proxy serves are what the browser is for.
package struct NavigationRule: Sendable {
    package var tlds: [TLD]
    /// The proxy's port; a name on another port would be another program's.
    package var proxyPort: Port

    package init(tlds: [TLD], proxyPort: Port) {
        self.tlds = tlds
        self.proxyPort = proxyPort
    }

    /// A permitted URL, and what its host is.
    package struct Target: Hashable, Sendable {
        package enum Host: Hashable, Sendable {
            /// A name that the proxy serves.
            case ours(Hostname)
            case address(IPAddress)
            /// A name whose addresses have to be judged as well.
            case name(Hostname)
        }

        package let url: String
        package let host: Host
    }

    /// Longer ones are refused by many servers, and no page needs them.
    private static let longestURL = 8192

    package func target(of text: String) throws(NavigationRefusal) -> Target {
        let parts = try URLParts(text, limit: Self.longestURL)
        let host = try host(of: parts)
        return Target(url: parts.description, host: host)
    }

    /// Judges the addresses that a name has by the system's resolver.
    package func judge(_ addresses: [IPAddress], of target: Target) throws(NavigationRefusal) {
        guard case .name(let name) = target.host else { return }
        for address in addresses {
            if let kind = AddressKind.forbidden(address) {
                throw .leadsTo(name.description, address, kind)
            }
        }
    }

    /// Judges the address that the browser was connected to for a URL.
    package func judge(peer: String, of url: String) throws(NavigationRefusal) {
        let target = try target(of: url)
        let text = peer.hasPrefix("[") ? String(peer.dropFirst().dropLast()) : peer
        guard let address = IPAddress(text) else { return }
        if case .ours = target.host, address.isLoopback { return }
        if let kind = AddressKind.forbidden(address) {
            throw .leadsTo(URLParts.shown(url), address, kind)
        }
    }

    private func host(of parts: URLParts) throws(NavigationRefusal) -> Target.Host {
        if let address = parts.address {
            if let kind = AddressKind.forbidden(address) { throw .address(parts.host, kind) }
            return .address(address)
        }
        guard let name = Hostname(parts.host) else { throw .invalid(parts.host) }
        if tlds.contains(where: { name.isSubdomain(of: $0.hostname) }) {
            // Port 80 leads to 443 by a redirect.
            let ports = [proxyPort] + (proxyPort == 443 ? [80] : [])
            guard ports.contains(parts.port) else {
                throw .otherPort(name.description, parts.port, proxyPort)
            }
            return .ours(name)
        }
        if name.labels.last == "localhost" || tlds.contains(where: { $0.hostname == name }) {
            throw .address(parts.host, .loopback)
        }
        if Self.metadataNames.contains(name.description) { throw .address(parts.host, .metadata) }
        return .name(name)
    }

    private static let metadataNames: Set = [
        "metadata.google.internal", "metadata.goog", "metadata", "instance-data",
        "instance-data.ec2.internal",
    ]
}

/// Why a caller may not navigate to a URL.
package enum NavigationRefusal: Error, Hashable, CustomStringConvertible {
    case invalid(String)
    case scheme(String)
    case userInformation
    case address(String, AddressKind)
    case leadsTo(String, IPAddress, AddressKind)
    case otherPort(String, Port, Port)

    package var description: String {
        switch self {
        case .invalid(let text):
            """
            "\(text.prefix(200).visibleLine)" is no address of a page. \
            Give one such as https://shop.localhost, with an international name as xn--….
            """
        case .scheme(let scheme):
            "The browser opens http and https only, not \"\(scheme.prefix(40).visibleLine)\"."
        case .userInformation:
            "A URL with a name or password in front of its host isn't opened. Leave them out."
        case .address(let host, let kind):
            "\(host.prefix(200).visibleLine) is \(kind), where the API doesn't navigate. \(kind.remedy)"
        case .leadsTo(let name, let address, let kind):
            "\(name.visibleLine) leads to \(address), \(kind), where the API doesn't navigate."
        case .otherPort(let name, let port, let proxy):
            """
            \(name) on port \(port) isn't served by the proxy, which has port \(proxy). \
            Leave the port out of the name's URL, or write :\(proxy).
            """
        }
    }
}

/// The addresses that callers may not send the browser to.
package enum AddressKind: Hashable, Sendable, CustomStringConvertible {
    case loopback
    case linkLocal
    case metadata
    case special

    package var description: String {
        switch self {
        case .loopback: "a loopback address"
        case .linkLocal: "a link-local address"
        case .metadata: "a metadata service of a cloud"
        case .special: "no address of a single machine"
        }
    }

    fileprivate var remedy: String {
        self == .loopback ? "An app has a name for that: see `portless list`." : ""
    }

    /// Nil for an address that is permitted; one of the local network is.
    static func forbidden(_ address: IPAddress) -> AddressKind? {
        let bytes = address.bytes
        guard address.isIPv6 else { return forbiddenIPv4(bytes) }
        if let embedded = embedded(in: bytes) { return forbiddenIPv4(embedded) }
        if bytes.dropLast().allSatisfy({ $0 == 0 }) { return .loopback }
        if bytes[0] == 0xFE, bytes[1] & 0xC0 == 0x80 { return .linkLocal }
        if bytes[0] == 0xFF { return .special }
        let amazon: [UInt8] = [0xFD, 0x00, 0x0E, 0xC2]
        return bytes.starts(with: amazon) ? .metadata : nil
    }

    private static let metadataIPv4: [[UInt8]] = [
        [169, 254, 169, 254], [169, 254, 170, 2], [100, 100, 100, 200], [168, 63, 129, 16],
        [192, 0, 0, 192],
    ]

    private static func forbiddenIPv4(_ bytes: [UInt8]) -> AddressKind? {
        if metadataIPv4.contains(bytes) { return .metadata }
        return switch (bytes[0], bytes[1]) {
        case (127, _), (0, _): .loopback
        case (169, 254): .linkLocal
        case (224..., _): .special
        default: nil
        }
    }

    /// The IPv4 address that an IPv6 address leads to: mapped, compatible, of NAT64 (RFC 6052),
    /// 6to4 (RFC 3056) or Teredo (RFC 4380).
    private static func embedded(in bytes: [UInt8]) -> [UInt8]? {
        let last = Array(bytes[12...])
        let zeros = [UInt8](repeating: 0, count: 10)
        if bytes.starts(with: zeros + [0xFF, 0xFF]) { return last }
        // `::` and `::1` are judged as what they are.
        if bytes.starts(with: zeros + [0, 0]), last.dropLast() != [0, 0, 0] { return last }
        if bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0]) { return last }
        if bytes.starts(with: [0x00, 0x64, 0xFF, 0x9B]) { return last }
        if bytes.starts(with: [0x20, 0x02]) { return Array(bytes[2..<6]) }
        if bytes.starts(with: [0x20, 0x01, 0, 0]) { return last.map { ~$0 } }
        return nil
    }
}
