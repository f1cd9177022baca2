import CLibrary
package import SystemPackage

/// Listening sockets on both loopback addresses, opened by whoever may and handed to the proxy.
package struct LoopbackListeners: Sendable {
    /// Connections that wait while the proxy is busy; the system lowers it to its own limit.
    static let backlog: Int32 = 4096

    package let sockets: [FileDescriptor]

    /// Listens on each port, on 127.0.0.1 and ::1 both.
    ///
    /// A machine without IPv6 has only the former. On any other failure nothing stays open.
    package init(ports: [UInt16]) throws(SystemError) {
        var sockets: [FileDescriptor] = []
        do {
            for port in ports {
                sockets.append(try Self.listen(.loopbackIPv4, port: port))
                if let socket = try Self.listenOnIPv6(port) { sockets.append(socket) }
            }
        } catch {
            for socket in sockets { try? socket.close() }
            throw error
        }
        self.sockets = sockets
    }

    private static func listenOnIPv6(_ port: UInt16) throws(SystemError) -> FileDescriptor? {
        do {
            return try listen(.loopbackIPv6, port: port)
        } catch
            where error.errno == .addressFamilyNotSupported
            || error.errno == .addressNotAvailable
        {
            return nil
        }
    }

    /// Listens on one loopback address.
    package static func listen(
        _ address: IPAddress,
        port: UInt16,
    ) throws(SystemError) -> FileDescriptor {
        let socket = try bind(address, port: port)
        do {
            try check("listen on \(SocketAddress(address, port: port))") {
                systemListen(socket.rawValue, backlog)
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
            // macOS lets everybody have the ports below 1024, but on all addresses at once only;
            // the proxy turns away peers that aren't loopback.
            let all: IPAddress = address.isIPv6 ? .anyIPv6 : .anyIPv4
            return try BoundSocket.tcp(SocketAddress(all, port: port))
        }
        #else
        try BoundSocket.tcp(SocketAddress(address, port: port))
        #endif
    }
}

private func systemListen(_ socket: Int32, _ backlog: Int32) -> Int32 {
    listen(socket, backlog)
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
