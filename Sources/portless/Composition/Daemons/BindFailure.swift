import PortlessCore
import SystemPackage

/// Why an address couldn't be listened on.
struct BindFailure: Error, CustomStringConvertible {
    let port: Port
    let errno: Errno

    /// Whether another port may do better.
    var isUnavailable: Bool { isDenied || errno == .addressInUse }

    var isDenied: Bool { errno == .permissionDenied || errno == .notPermitted }

    /// Whether this machine lacks the address family.
    var isUnknownFamily: Bool {
        [.addressFamilyNotSupported, .addressNotAvailable, .protocolNotSupported].contains(errno)
    }

    var description: String {
        switch errno {
        case .addressInUse:
            """
            \(PortHolders.description(of: port) ?? "Something else") listens on port \(port).
            Stop it, or choose another port: portless proxy start -p 1355
            """
        case .permissionDenied, .notPermitted:
            """
            This user may not listen on port \(port).
            Use sudo: sudo portless proxy start -p \(port)
            Or choose another port: portless proxy start -p 1355
            """
        default:
            "Port \(port) can't be listened on: \(errno)."
        }
    }
}
