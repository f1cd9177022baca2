import CLibrary
package import SystemPackage

/// Listening sockets on loopback addresses, or on all in LAN mode, which a process that may open them hands to the daemons.
package enum LoopbackListeners {
    /// How many connections wait while the proxy is busy; the system lowers it to its own limit.
    static let backlog: Int32 = 4096

    package static func listen(
        _ address: IPAddress,
        port: UInt16,
    ) throws(SystemError) -> FileDescriptor {
        try listen(bind(address, port: port), SocketAddress(address, port: port))
    }

    /// The same on the bridge of containers, whose interface may not be there yet.
    package static func listen(
        onBridge address: IPAddress,
        port: UInt16,
    ) throws(SystemError) -> FileDescriptor {
        let local = SocketAddress(address, port: port)
        return try listen(BoundSocket.tcpAhead(local), local)
    }

    private static func listen(
        _ socket: FileDescriptor,
        _ local: SocketAddress,
    ) throws(SystemError) -> FileDescriptor {
        do {
            try check("listen on \(local)") {
                CLibrary.listen(socket.rawValue, backlog)
            }
            return socket
        } catch {
            try? socket.close()
            throw error
        }
    }

    static func bind(_ address: IPAddress, port: UInt16) throws(SystemError) -> FileDescriptor {
        #if canImport(Darwin)
        do throws(SystemError) {
            return try Privileges.asRoot { () throws(SystemError) in
                try BoundSocket.tcp(SocketAddress(address, port: port))
            }
        } catch  where error.errno == .permissionDenied {
            // macOS lets every user bind ports below 1024, but only on all addresses at once; the
            // proxy refuses peers that aren't loopback.
            let all: IPAddress = address.isIPv6 ? .anyIPv6 : .anyIPv4
            return try BoundSocket.tcp(SocketAddress(all, port: port))
        }
        #else
        try BoundSocket.tcp(SocketAddress(address, port: port))
        #endif
    }
}

/// Whether this process may listen on a port.
package enum PortPermission {
    /// Whether the system forbids it; a port that is merely taken isn't denied.
    package static func isDenied(_ port: UInt16) -> Bool {
        do {
            try LoopbackListeners.bind(.loopbackIPv4, port: port).close()
            return false
        } catch {
            let errno = (error as? SystemError)?.errno
            return errno == .permissionDenied || errno == .notPermitted
        }
    }
}
