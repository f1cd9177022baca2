package import HostSystem

/// One name as the proxy sees it: a hostname, its upstream port and its owner.
package struct Route: Hashable, Sendable {
    package enum Owner: Hashable, Sendable {
        /// A service outside, such as a container; the route stays until it is removed.
        case alias
        /// The `portless run` (or original `portless`) process that registered the name.
        case process(ProcessIdentity)
    }

    /// What the upstream speaks; anything but HTTP/1.1 is asked for explicitly.
    package enum UpstreamProtocol: String, Hashable, Sendable {
        case http1
        /// HTTP/2 without TLS, prior knowledge (RFC 9113 section 3.3): gRPC servers.
        case h2c
        /// Whatever it likes, as databases do; clients reach it by TLS with the name (SNI).
        case tcp
    }

    package var hostname: Hostname
    package var port: Port
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

    package init(
        hostname: Hostname,
        port: Port,
        owner: Owner,
        upstreamProtocol: UpstreamProtocol = .http1,
        sharedAuthorities: [String] = [],
        heldBy: String? = nil,
        container: String? = nil,
        upstreamHost: Hostname? = nil,
    ) {
        self.hostname = hostname
        self.port = port
        self.owner = owner
        self.upstreamProtocol = upstreamProtocol
        self.sharedAuthorities = sharedAuthorities
        self.heldBy = heldBy
        self.container = container
        self.upstreamHost = upstreamHost
    }
}

/// The names that lead to one process: its app's own, and those of its labeled ports.
package struct RouteNames: Hashable, Sendable {
    package var own: [Hostname]
    /// Each gives way to an app of that name.
    package var labels: [RouteLabel]

    package init(own: [Hostname] = [], labels: [RouteLabel] = []) {
        self.own = own
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
        RouteNames(own: own, labels: labels.filter { !missing.contains($0.hostname) })
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
