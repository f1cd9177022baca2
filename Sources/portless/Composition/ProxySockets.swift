import HostSystem
import PortlessCore
import SystemPackage

/// The sockets that the proxy accepts on: opened by itself, by sudo's helper, systemd or launchd, or
/// handed on by the proxy that ran before.
struct ProxySockets: Sendable {
    /// The port of the names.
    let port: Port
    let main: [FileDescriptor]
    /// Those that only redirect to `port`, as port 80 does.
    let redirects: [FileDescriptor]

    var all: [FileDescriptor] { main + redirects }

    /// Listens on both loopback addresses.
    ///
    /// `warn` is told where only IPv4 could be had though the machine knows IPv6.
    static func open(
        _ port: Port,
        redirectsHTTP: Bool,
        warn: (String) -> Void,
    ) throws(BindFailure) -> ProxySockets {
        var main = [try listen(.loopbackIPv4, port)]
        do {
            main.append(try listen(.loopbackIPv6, port))
        } catch {
            if !error.isUnknownFamily {
                warn("[::1]:\(port) can't be had, so only IPv4 is served. \(error)")
            }
        }
        guard redirectsHTTP, port != Self.plainPort else {
            return ProxySockets(port: port, main: main, redirects: [])
        }
        // Where something else has port 80, it keeps it.
        let redirects = [IPAddress.loopbackIPv4, .loopbackIPv6].compactMap { address in
            try? listen(address, Self.plainPort)
        }
        return ProxySockets(port: port, main: main, redirects: redirects)
    }

    /// The sockets that this process was started with; nil if there are none.
    static func handedOver(
        environment: [String: String],
        preferring wanted: Port?,
        redirectsHTTP: Bool,
    ) throws -> ProxySockets? {
        let sockets =
            SocketActivation.sockets(environment: environment)
            + SocketActivation.checkedIn(launchdNames)
        guard !sockets.isEmpty else { return nil }
        var ports: [FileDescriptor: Port] = [:]
        for socket in sockets {
            socket.closeOnExec()
            ports[socket.descriptor] = try Port(
                rawValue: BoundSocket.address(of: socket.descriptor).port
            )
        }
        guard let port = mainPort(of: Set(ports.values), preferring: wanted) else { return nil }
        let descriptors = sockets.map(\.descriptor)
        return ProxySockets(
            port: port,
            main: descriptors.filter { ports[$0] == port || !redirectsHTTP },
            redirects: descriptors.filter { ports[$0] != port && redirectsHTTP },
        )
    }

    /// Which of the ports the names are at.
    static func mainPort(of ports: Set<Port>, preferring wanted: Port?) -> Port? {
        if let wanted, ports.contains(wanted) { return wanted }
        return ports.contains(443) ? 443 : ports.subtracting([plainPort]).min() ?? ports.min()
    }

    /// The same sockets under other numbers, which stay open when the first ones are closed.
    func duplicated() throws -> ProxySockets {
        ProxySockets(
            port: port,
            main: try main.map(Self.duplicate),
            redirects: try redirects.map(Self.duplicate),
        )
    }

    func close() {
        for socket in all { try? socket.close() }
    }

    private static let plainPort: Port = 80
    /// What a launchd job calls them under `Sockets`.
    private static let launchdNames = ["https", "http"]

    private static func listen(
        _ address: IPAddress,
        _ port: Port,
    ) throws(BindFailure) -> FileDescriptor {
        do {
            return try LoopbackListeners.listen(address, port: port.rawValue)
        } catch {
            throw BindFailure(port: port, errno: error.errno)
        }
    }

    private static func duplicate(_ socket: FileDescriptor) throws -> FileDescriptor {
        let copy = try socket.duplicate()
        ActivatedSocket(descriptor: copy).closeOnExec()
        return copy
    }
}
