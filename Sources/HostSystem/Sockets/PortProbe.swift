import SystemPackage

/// Whether a port can be listened on.
package enum PortProbe {
    /// Whether a port is free on every address of both families.
    ///
    /// A listener on any address counts as taken; connections that only linger (TIME_WAIT) don't,
    /// as servers bind with SO_REUSEADDR. Both wildcard and loopback addresses are tried: Linux
    /// refuses the wildcard while any address of the family is taken, macOS only the very same
    /// address.
    package static func isFree(_ port: UInt16, _ kind: SocketKind = .tcp) -> Bool {
        let addresses: [IPAddress] = [.anyIPv4, .anyIPv6, .loopbackIPv4, .loopbackIPv6]
        return addresses.allSatisfy { canBind(SocketAddress($0, port: port), kind) }
    }

    private static func canBind(_ local: SocketAddress, _ kind: SocketKind) -> Bool {
        do throws(SystemError) {
            let socket = try BoundSocket.open(local, kind: kind)
            try? socket.close()
            return true
        } catch {
            switch error.errno {
            // Below 1024 only root may try, but everybody may look.
            case .permissionDenied, .notPermitted: return isUnused(local.port, kind)
            // The machine has no such family.
            case .addressFamilyNotSupported, .addressNotAvailable: return true
            default: return false
            }
        }
    }

    private static func isUnused(_ port: UInt16, _ kind: SocketKind) -> Bool {
        guard let sockets = try? ListeningSockets.on(port: port, kind) else { return false }
        return sockets.isEmpty
    }
}
