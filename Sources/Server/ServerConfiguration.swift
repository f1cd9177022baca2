package import HostSystem
package import PortlessCore

/// What a server is told when it starts.
package struct ServerConfiguration: Sendable {
    package static let standardPort: Port = 5555
    package static let standardMirrorPort: Port = 5553

    /// As the user wrote it; loopback unless it was asked for.
    package var host: String
    package var addresses: [IPAddress]
    /// Nil lets the system choose.
    package var port: Port?
    package var mirrorPort: Port
    /// The names that lead here by the proxy, such as `portless.localhost`.
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

    /// Listens on this address instead; false if it is none, or of loopback but not the one that
    /// is listened on anyway.
    ///
    /// Every IPv4 address means every IPv6 address, too, as people expect of a dual-stack machine.
    package mutating func listen(on host: String) -> Bool {
        if host == "localhost" { return true }
        guard let address = IPAddress(host) else { return false }
        guard !address.isLoopback else { return Self.loopback.contains(address) }
        self.host = host
        addresses = address == .anyIPv4 ? [.anyIPv4, .anyIPv6] : [address]
        return true
    }
}
