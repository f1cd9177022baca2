import HostSystem
import PortlessCore
import Runner
import SystemPackage

/// The sockets that the proxy accepts on: opened by its holder, by sudo's helper, systemd or launchd.
struct ProxySockets: Sendable {
    /// The port of the names.
    let port: Port
    let main: [FileDescriptor]
    /// Those that only redirect to `port`, as port 80 does.
    let redirects: [FileDescriptor]

    var all: [FileDescriptor] { main + redirects }

    /// Listens on both loopback addresses, in LAN mode on all addresses of both families.
    ///
    /// `warn` is told where only IPv4 could be had though the machine knows IPv6.
    static func open(
        _ port: Port,
        redirectsHTTP: Bool,
        isLAN: Bool,
        warn: (String) -> Void,
    ) throws(BindFailure) -> ProxySockets {
        let (first, second): (IPAddress, IPAddress) =
            isLAN ? (.anyIPv4, .anyIPv6) : (.loopbackIPv4, .loopbackIPv6)
        var main = [try listen(first, port)]
        do {
            main.append(try listen(second, port))
        } catch {
            if !error.isUnknownFamily {
                warn(
                    "\(SocketAddress(second, port: port.rawValue)) can't be had, so only IPv4 is served. \(error)"
                )
            }
        }
        guard redirectsHTTP, port != Self.plainPort else {
            return ProxySockets(port: port, main: main, redirects: [])
        }
        // Where something else has port 80, it keeps it.
        let redirects = [first, second].compactMap { try? listen($0, Self.plainPort) }
        return ProxySockets(port: port, main: main, redirects: redirects)
    }

    /// Listens on the first of the ports that this user can have.
    static func open(
        _ ports: [Port],
        settings: ProxySettings,
        warn: (String) -> Void,
    ) throws(BindFailure) -> ProxySockets {
        var first: BindFailure?
        for port in ports {
            do {
                let redirectsHTTP = settings.usesTLS && port == 443
                return try open(
                    port,
                    redirectsHTTP: redirectsHTTP,
                    isLAN: settings.isLAN,
                    warn: warn,
                )
            } catch {
                first = first ?? error
                guard error.isUnavailable else { throw error }
            }
        }
        throw first ?? BindFailure(port: settings.port, errno: .addressInUse)
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
}

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
