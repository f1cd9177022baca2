import CHostSystem
package import CLibrary
package import SystemPackage

/// Sockets that are bound and don't listen yet.
package enum BoundSocket {
    /// A TCP socket bound to `local`, IPv6 without its IPv4 half.
    ///
    /// It also takes an address that earlier connections still hold in TIME_WAIT (SO_REUSEADDR). No
    /// child inherits it.
    package static func tcp(_ local: SocketAddress) throws(SystemError) -> FileDescriptor {
        try open(local, kind: .tcp)
    }

    /// The same, also for an address that an interface will only have later, as the bridge of
    /// containers does while none runs; on Linux only.
    package static func tcpAhead(_ local: SocketAddress) throws(SystemError) -> FileDescriptor {
        var raw = local.raw
        var descriptor: Int32 = -1
        let failure = chs_bind_ahead(&raw, &descriptor)
        guard failure == 0 else {
            throw SystemError("bind \(local)", errno: Errno(rawValue: failure))
        }
        return FileDescriptor(rawValue: descriptor)
    }

    static func open(
        _ local: SocketAddress,
        kind: SocketKind,
    ) throws(SystemError) -> FileDescriptor {
        var raw = local.raw
        var descriptor: Int32 = -1
        let failure = chs_bind(&raw, kind == .udp ? 1 : 0, &descriptor)
        guard failure == 0 else {
            throw SystemError("bind \(local)", errno: Errno(rawValue: failure))
        }
        return FileDescriptor(rawValue: descriptor)
    }

    /// The address of a bound socket, with the port that the system chose for port 0.
    package static func address(
        of socket: FileDescriptor
    ) throws(SystemError) -> SocketAddress {
        var raw = chs_address()
        let failure = chs_bound_address(socket.rawValue, &raw)
        guard failure == 0 else {
            throw SystemError("read a socket's address", errno: Errno(rawValue: failure))
        }
        return SocketAddress(raw)
    }
}

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
            // Only root may bind ports below 1024, but every user may see who listens there.
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

/// The `SO_LINGER` value with which closing a socket sends a reset instead of an orderly end.
package let abortiveClose = linger(l_onoff: 1, l_linger: 0)

/// The socket option by which processes of one user can have the same port open at once, so that a
/// successor opens it before its predecessor leaves.
package let sharedPort: CInt = SO_REUSEPORT
