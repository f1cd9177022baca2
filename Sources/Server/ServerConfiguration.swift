package import HostSystem
package import PortlessCore

/// The settings that a server starts with.
package struct ServerConfiguration: Sendable {
    package static let standardPort: Port = 5555
    package static let standardMirrorPort: Port = 5553

    /// As the user wrote it; loopback by default.
    package var host: String
    package var addresses: [IPAddress]
    /// Nil lets the system choose.
    package var port: Port?
    package var mirrorPort: Port
    /// The names that the proxy leads here, such as `portless.localhost`.
    package var names: [Hostname]
    package var version: String

    static let loopback: [IPAddress] = [.loopbackIPv4, .loopbackIPv6]

    /// Listens on loopback.
    package init(port: Port?, mirrorPort: Port, names: [Hostname], version: String) {
        host = "127.0.0.1"
        addresses = Self.loopback
        self.port = port
        self.mirrorPort = mirrorPort
        self.names = names
        self.version = version
    }

    /// Listens on this address instead; false for text that isn't an address, and for other
    /// loopback addresses than the standard ones.
    ///
    /// Every IPv4 address (`0.0.0.0`) includes every IPv6 address, as users of a dual-stack machine
    /// expect.
    package mutating func listen(on host: String) -> Bool {
        if host == "localhost" { return true }
        guard let address = IPAddress(host) else { return false }
        guard !address.isLoopback else { return Self.loopback.contains(address) }
        self.host = host
        addresses = address == .anyIPv4 ? [.anyIPv4, .anyIPv6] : [address]
        return true
    }
}
