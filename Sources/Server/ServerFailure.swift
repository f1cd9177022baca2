package import HostSystem
package import PortlessCore
import SystemPackage

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
