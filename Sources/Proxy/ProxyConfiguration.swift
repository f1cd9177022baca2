package import HostSystem
package import NIOCore
package import PortlessCore
package import SystemPackage

/// The settings of a proxy, which don't change while it runs.
package struct ProxyConfiguration: Sendable {
    /// The port of the names, for links and redirects.
    package var port: Port
    /// Nil serves plain HTTP only.
    package var certificates: (any CertificateSource)?
    /// The top-level names that apps live under; the first one is the primary.
    package var topLevelNames: [String]
    package var usesWildcards: Bool
    /// Which other computers may connect, besides this one.
    package var remotePeers: RemotePeers
    /// Whether a container may connect, by the address that it has and the one of ours that it has
    /// reached; nil where none may.
    package var admitsContainer: (@Sendable (_ peer: String, _ local: String) -> Bool)?
    /// How long a request other than a page waits for an app that is starting.
    package var bootWait: TimeAmount
    package var limits: ClientLimits
    /// How many event loops share the connections.
    ///
    /// One serves a development machine best: with client, proxy and app on the same few cores a
    /// second one costs more than it gains.
    package var loopCount: Int
    /// Sent with the proxy's own answers, so that a newer command line notices an older proxy.
    package var version: String
    /// The secret that proves to the npm original's commands which state directory is served.
    package var hostsSyncToken: String?
    /// Set for a server that only visitors of one shared app reach.
    package var gate: GateSettings?
    /// The file of our own certificate authority, whose certificates upstreams may show.
    package var authority: FilePath?

    package init(
        port: Port,
        certificates: (any CertificateSource)?,
        topLevelNames: [String] = ["localhost"],
        usesWildcards: Bool = false,
        remotePeers: RemotePeers = .none,
        bootWait: TimeAmount = .seconds(30),
        limits: ClientLimits = ClientLimits(),
        loopCount: Int = 1,
        version: String,
        hostsSyncToken: String? = nil,
        authority: FilePath? = nil,
    ) {
        self.port = port
        self.certificates = certificates
        self.topLevelNames = topLevelNames
        self.usesWildcards = usesWildcards
        self.remotePeers = remotePeers
        self.bootWait = bootWait
        self.limits = limits
        self.loopCount = loopCount
        self.version = version
        self.hostsSyncToken = hostsSyncToken
        self.authority = authority
    }
}

/// Hands out the certificate for a server name (SNI).
///
/// Called on event loops, so it must answer within about a millisecond, from memory or by minting.
package protocol CertificateSource: Sendable {
    /// The certificate for a name as the client sent it, unchecked; nil where it sent none.
    func certificate(forServerName serverName: String?) throws -> ServerCertificate
}

/// A chain and its key, ready to be given to the TLS library.
package struct ServerCertificate: Sendable {
    /// DER, the leaf first.
    package let chain: [[UInt8]]
    /// DER (SEC1 or PKCS #8).
    package let privateKey: [UInt8]

    package init(chain: [[UInt8]], privateKey: [UInt8]) {
        self.chain = chain
        self.privateKey = privateKey
    }
}

/// One of the two loopback addresses that an app may listen on.
package enum LoopbackFamily: CaseIterable, Hashable, Sendable {
    case v4
    case v6

    package var address: IPAddress { self == .v4 ? .loopbackIPv4 : .loopbackIPv6 }

    var loopback: String { address.description }
    var other: LoopbackFamily { self == .v4 ? .v6 : .v4 }
}

/// The addresses on which the proxy may connect to the app of a route.
///
/// A program that has a port on one loopback address doesn't have it on the other one.
package enum ListenerVerdict: Equatable, Sendable {
    /// On these addresses and no others.
    case dial(Set<LoopbackFamily>)
    /// On no address: another process, the holder, would get the request.
    case refuse(holder: String)

    package static let unrestricted = dial(Set(LoopbackFamily.allCases))
}

/// Decides on which addresses the proxy may connect to a route's app.
///
/// Called with all routes before each new connection to an app.
package typealias ListenerCheck = @Sendable (Route, [Route]) -> ListenerVerdict
