import NIOCore
import NIOHTTP2
import NIOSSL
import NIOTLS
import PortlessCore

/// Builds the pipelines of client connections; no other place does.
struct ClientPipelines {
    let loop: ProxyLoop
    let tls: NIOSSLContext?
    /// A listener for redirects only, such as port 80 beside a TLS port.
    let isRedirectOnly: Bool
    private let opening: OpeningConnection

    init(loop: ProxyLoop, tls: NIOSSLContext?, isRedirectOnly: Bool) {
        self.loop = loop
        self.tls = tls
        self.isRedirectOnly = isRedirectOnly
        opening = OpeningConnection(loop: loop)
    }

    /// The first handlers of every accepted connection.
    func begin(_ channel: any Channel) throws {
        try channel.pipeline.syncOperations.addHandlers([
            opening, FirstByteHandler(pipelines: self),
        ])
    }

    /// Begins TLS: where there are TCP names, the name that the client asks for decides how it goes
    /// on.
    func addTLS(to channel: any Channel, isPostgreSQL: Bool = false) throws {
        guard isPostgreSQL || loop.router.servesTCP() else { return try addWebTLS(to: channel) }
        let handler = SNIHandler { result in
            let name: String? = if case .hostname(let name) = result { name } else { nil }
            return channel.eventLoop.makeCompletedFuture {
                try addTLS(to: channel, for: name, isPostgreSQL: isPostgreSQL)
            }
        }
        try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(handler))
    }

    private func addTLS(
        to channel: any Channel,
        for name: String?,
        isPostgreSQL: Bool,
    ) throws {
        var request = TCPConnection.Request(name: name, isPostgreSQL: isPostgreSQL)
        // A database often has no password, so other computers get none.
        if let name, !isRemote(channel) {
            let bytes = Array(name.utf8)
            let path = { [UInt8(ascii: "/")] }
            request.upstream = loop.router.route(authority: bytes.span, path: path).upstream
        }
        if request.upstream?.route?.upstreamProtocol != .tcp { request.upstream = nil }
        guard isPostgreSQL || request.upstream != nil, let tls = try loop.tunnelTLS?.get() else {
            return try addWebTLS(to: channel)
        }
        try channel.pipeline.syncOperations.addHandlers([
            NIOSSLServerHandler(context: tls),
            ALPNHandler { [request] name in
                switch name {
                case "h2"? where !isPostgreSQL: try addHTTP2(to: channel, isSecure: true)
                case "http/1.1"? where !isPostgreSQL: try addHTTP1(to: channel, isSecure: true)
                default:
                    try channel.pipeline.syncOperations.addHandler(
                        TCPConnection(loop: loop, request: request)
                    )
                    opening.end()
                }
            },
        ])
    }

    private func addWebTLS(to channel: any Channel) throws {
        guard let tls else { throw ChannelError.inappropriateOperationForState }
        try channel.pipeline.syncOperations.addHandlers([
            NIOSSLServerHandler(context: tls),
            ALPNHandler { name in
                if name == "h2" {
                    try addHTTP2(to: channel, isSecure: true)
                } else {
                    try addHTTP1(to: channel, isSecure: true)
                }
            },
        ])
    }

    func addHTTP1(to channel: any Channel, isSecure: Bool) throws {
        try channel.pipeline.syncOperations.addHandler(
            HTTP1Connection(
                loop: loop,
                forwarded: forwarded(channel, isSecure: isSecure),
                redirectsToTLS: redirectsToTLS(isSecure),
            )
        )
        opening.end()
    }

    func addHTTP2(to channel: any Channel, isSecure: Bool) throws {
        // The gate before a shared app judges requests of HTTP/1, which is what tunnels speak.
        guard loop.gate == nil else { throw ChannelError.inappropriateOperationForState }
        let connection = HTTP2Connection(
            loop: loop,
            forwarded: forwarded(channel, isSecure: isSecure),
            redirectsToTLS: redirectsToTLS(isSecure),
        )
        try channel.pipeline.syncOperations.addHandlers(HTTP2Limits.handlers(for: connection))
        opening.end()
    }

    private func redirectsToTLS(_ isSecure: Bool) -> Bool {
        !isSecure && (tls != nil || isRedirectOnly)
    }

    private func forwarded(_ channel: any Channel, isSecure: Bool) -> ForwardedFields {
        let address = channel.remoteAddress?.ipAddress ?? "127.0.0.1"
        // An IPv4 peer of a dual-stack socket is shown with its IPv4 address.
        let isMapped = address.hasPrefix("::ffff:") && address.contains(".")
        return ForwardedFields(
            peerAddress: isMapped ? String(address.dropFirst(7)) : address,
            isSecure: isSecure,
            isRemote: isRemote(channel),
        )
    }

    /// Whether the client is another computer, and no container of this one.
    private func isRemote(_ channel: any Channel) -> Bool {
        !channel.isFromThisMachine
            && !channel.isContainer(loop.configuration.admitsContainer)
    }
}
