package import HostSystem

/// One name as the proxy sees it: a hostname, the upstream port behind it and who owns it.
package struct Route: Hashable, Sendable {
    package enum Owner: Hashable, Sendable {
        /// Something outside, such as a container; it lives until it is removed.
        case alias
        /// The `portless run` (or original `portless`) process that registered the name.
        case process(ProcessIdentity)
    }

    /// What the upstream speaks; anything but HTTP/1.1 is asked for explicitly.
    package enum UpstreamProtocol: String, Hashable, Sendable {
        case http1
        /// HTTP/2 without TLS, prior knowledge (RFC 9113 section 3.3): gRPC servers.
        case h2c
    }

    package var hostname: Hostname
    package var port: Port
    package var owner: Owner
    package var upstreamProtocol: UpstreamProtocol
    /// Other authorities (`host` or `host:port`, lower case) that lead here, such as a tunnel's.
    package var sharedAuthorities: [String]

    package init(
        hostname: Hostname,
        port: Port,
        owner: Owner,
        upstreamProtocol: UpstreamProtocol = .http1,
        sharedAuthorities: [String] = [],
    ) {
        self.hostname = hostname
        self.port = port
        self.owner = owner
        self.upstreamProtocol = upstreamProtocol
        self.sharedAuthorities = sharedAuthorities
    }
}
