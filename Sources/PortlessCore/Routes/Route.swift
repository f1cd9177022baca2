package import HostSystem
package import SystemPackage

/// One name as the proxy sees it: a hostname, perhaps with a path, its upstream and its owner.
package struct Route: Hashable, Sendable {
    package enum Owner: Hashable, Sendable {
        /// A service outside, such as a container; the route stays until it is removed.
        case alias
        /// The `portless run` (or original `portless`) process that registered the name.
        case process(ProcessIdentity)
    }

    /// What the upstream speaks; anything but HTTP/1.1 is asked for explicitly.
    package enum UpstreamProtocol: Hashable, Sendable {
        case http1
        /// HTTP/2 without TLS, prior knowledge (RFC 9113 section 3.3): gRPC servers.
        case h2c
        /// Whatever it likes, as databases do; clients reach it by TLS with the name (SNI).
        case tcp
        /// TLS, and HTTP/1.1 or HTTP/2 as the upstream chooses.
        case https(UpstreamTLS)

        /// As files and the API have it.
        package var name: String {
            switch self {
            case .http1: "http1"
            case .h2c: "h2c"
            case .tcp: "tcp"
            case .https: "https"
            }
        }

        /// What a name in a file or the API says; `tls` is for HTTPS.
        package init?(name: String, tls: UpstreamTLS = UpstreamTLS()) {
            switch name {
            case "http1": self = .http1
            case "h2c": self = .h2c
            case "tcp": self = .tcp
            case "https": self = .https(tls)
            default: return nil
            }
        }
    }

    /// Where the upstream listens.
    package enum Place: Hashable, Sendable {
        /// A port of this machine, on whichever loopback address.
        case port(Port)
        /// A Unix domain socket.
        case socket(FilePath)
    }

    package var hostname: Hostname
    /// The part of the host that the app has; nil for what no path route of the host has.
    package var path: RoutePath?
    package var place: Place
    package var owner: Owner
    package var upstreamProtocol: UpstreamProtocol
    /// Other authorities (`host` or `host:port`, lower case) that lead here, such as a tunnel's.
    package var sharedAuthorities: [String]
    /// The program that has the port although the app waits for it, in words; nil while none has.
    package var heldBy: String?
    /// The container whose published port this is; the owner is the process that watches containers.
    package var container: String?
    /// What the upstream gets as `Host` in place of this name, where that is another proxy's name for
    /// the app; see `portless remote`.
    package var upstreamHost: Hostname?
    /// What the name has in front of the main checkout's: the git worktree's prefix.
    package var worktree: String?

    /// The port that the upstream listens on; nil where it has a socket.
    package var port: Port? {
        if case .port(let port) = place { port } else { nil }
    }

    package init(
        hostname: Hostname,
        path: RoutePath? = nil,
        at place: Place,
        owner: Owner,
        upstreamProtocol: UpstreamProtocol = .http1,
        sharedAuthorities: [String] = [],
        heldBy: String? = nil,
        worktree: String? = nil,
        container: String? = nil,
        upstreamHost: Hostname? = nil,
    ) {
        self.hostname = hostname
        self.path = path
        self.place = place
        self.owner = owner
        self.upstreamProtocol = upstreamProtocol
        self.sharedAuthorities = sharedAuthorities
        self.heldBy = heldBy
        self.worktree = worktree
        self.container = container
        self.upstreamHost = upstreamHost
    }

    package init(
        hostname: Hostname,
        path: RoutePath? = nil,
        port: Port,
        owner: Owner,
        upstreamProtocol: UpstreamProtocol = .http1,
        sharedAuthorities: [String] = [],
        heldBy: String? = nil,
        worktree: String? = nil,
        container: String? = nil,
        upstreamHost: Hostname? = nil,
    ) {
        self.init(
            hostname: hostname,
            path: path,
            at: .port(port),
            owner: owner,
            upstreamProtocol: upstreamProtocol,
            sharedAuthorities: sharedAuthorities,
            heldBy: heldBy,
            worktree: worktree,
            container: container,
            upstreamHost: upstreamHost,
        )
    }
}

extension Route {
    /// Whether the upstream may show any certificate.
    package var isInsecure: Bool {
        if case .https(let tls) = upstreamProtocol { tls.isInsecure } else { false }
    }

    /// Where it leads, in words: `port 4001`, `socket /run/app.sock`.
    package var placeText: String {
        switch place {
        case .port(let port): "port \(port)"
        case .socket(let path): "socket \(path)"
        }
    }

    /// Where it leads, as lists show it: `127.0.0.1:4001`, `unix:/run/app.sock`.
    package func target(host: String) -> String {
        let scheme = if case .https = upstreamProtocol { "https://" } else { "" }
        return switch place {
        case .port(let port): "\(scheme)\(host):\(port)"
        case .socket(let path): "unix:\(path)"
        }
    }
}

/// How an upstream that speaks TLS proves that it is the one that is meant.
package struct UpstreamTLS: Hashable, Sendable {
    /// The name that its certificate has to be valid for; nil: the address that is dialed.
    package var serverName: String?
    /// Whether any certificate will do.
    package var isInsecure: Bool

    package init(serverName: String? = nil, isInsecure: Bool = false) {
        self.serverName = serverName
        self.isInsecure = isInsecure
    }
}

/// The names that lead to one process: its app's own, and those of its labeled ports.
package struct RouteNames: Hashable, Sendable {
    package var own: [Hostname]
    /// The part of each of them that is the process's; nil for the whole.
    package var path: RoutePath?
    /// What the names have in front of those in the main checkout: the git worktree's prefix.
    package var worktree: String?
    /// What the process speaks under its own names.
    package var upstreamProtocol: Route.UpstreamProtocol = .http1
    /// Each gives way to an app of that name.
    package var labels: [RouteLabel]

    package init(own: [Hostname] = [], path: RoutePath? = nil, labels: [RouteLabel] = []) {
        self.own = own
        self.path = path
        self.labels = labels
    }

    package var all: [Hostname] { own + labels.map(\.hostname) }
    package var isEmpty: Bool { own.isEmpty && labels.isEmpty }

    /// Those that lead to the process's primary port, and follow it to another one.
    package func leading(to primary: Port) -> [Hostname] {
        own + labels.filter { $0.port == primary }.map(\.hostname)
    }

    /// The ports that they lead to, if the primary one is `primary`.
    package func ports(primary: Port?) -> Set<Port> {
        Set(labels.map(\.port)).union(own.isEmpty ? [] : [primary].compactMap(\.self))
    }

    package func without(_ missing: [Hostname]) -> RouteNames {
        var names = self
        names.labels.removeAll { missing.contains($0.hostname) }
        return names
    }
}

/// A name for one labeled port of an app, beside the app's own.
package struct RouteLabel: Hashable, Sendable {
    package var label: String
    package var hostname: Hostname
    package var port: Port
    package var upstreamProtocol: Route.UpstreamProtocol

    package init(
        label: String,
        hostname: Hostname,
        port: Port,
        upstreamProtocol: Route.UpstreamProtocol = .http1,
    ) {
        self.label = label
        self.hostname = hostname
        self.port = port
        self.upstreamProtocol = upstreamProtocol
    }
}
