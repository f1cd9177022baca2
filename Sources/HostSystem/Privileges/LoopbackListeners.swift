package import SystemPackage

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

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
                sockets.append(try Self.listen(SocketAddress(.loopbackIPv4, port: port)))
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
            return try listen(SocketAddress(.loopbackIPv6, port: port))
        } catch
            where error.errno == .addressFamilyNotSupported
            || error.errno == .addressNotAvailable
        {
            return nil
        }
    }

    private static func listen(_ local: SocketAddress) throws(SystemError) -> FileDescriptor {
        let socket = try BoundSocket.tcp(local)
        do {
            try check("listen on \(local)") { systemListen(socket.rawValue, backlog) }
            return socket
        } catch {
            try? socket.close()
            throw error
        }
    }
}

private func systemListen(_ socket: Int32, _ backlog: Int32) -> Int32 {
    listen(socket, backlog)
}
