package import HostSystem
package import PortlessCore
import SystemPackage

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
    /// The ports of features that the user has moved.
    package var movedPorts: [CoreEndpoint: Port] = [:]

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

/// Why the server can't start as configured.
package enum ServerFailure: Error, Hashable, CustomStringConvertible {
    /// The port is nil where the system should have chosen it.
    case cannotListen(port: Port?, SystemError)
    case cannotMirror(Port, SystemError)
    case noAddress
    case exposedWithoutCertificate(String)

    /// Whether another port might work.
    package var isPortTaken: Bool {
        guard case .cannotListen(_, let error) = self else { return false }
        return [.addressInUse, .permissionDenied, .notPermitted].contains(error.errno)
    }

    package var description: String {
        switch self {
        case .cannotListen(let port, let error) where error.errno == .addressInUse:
            """
            Port \(port.map(\.description) ?? "0") is in use. \
            Stop what listens there, or choose another port with PORTLESS_API_PORT.
            """
        case .cannotListen(_, let error) where error.errno == .addressNotAvailable:
            """
            The address of --host is none of this computer's. \
            Give one of them, or 0.0.0.0 for all.
            """
        case .cannotListen(let port, let error):
            "Port \(port.map(\.description) ?? "0") can't be listened on: \(error.errno)."
        case .cannotMirror(let port, let error) where error.errno == .addressInUse:
            """
            Port \(port) is in use. \
            Stop what listens there, or choose another port with PORTLESS_API_LOCAL_PORT.
            """
        case .cannotMirror(let port, let error):
            "Port \(port) can't be listened on: \(error.errno)."
        case .noAddress:
            "There is no address to listen on. Give one with --host."
        case .exposedWithoutCertificate(let host):
            """
            The server listens on \(host) with HTTPS only, and there is no usable certificate. \
            `portless server cert` makes one.
            """
        }
    }
}
