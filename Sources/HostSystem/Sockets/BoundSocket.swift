import CHostSystem
package import SystemPackage

/// Sockets that are bound, but don't listen yet.
package enum BoundSocket {
    /// A TCP socket bound to `local`, IPv6 without its IPv4 half.
    ///
    /// It takes an address that is only lingering from earlier connections (SO_REUSEADDR), and no
    /// child inherits it.
    package static func tcp(_ local: SocketAddress) throws(SystemError) -> FileDescriptor {
        try open(local, kind: .tcp)
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
