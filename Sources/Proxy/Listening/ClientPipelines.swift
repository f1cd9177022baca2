import NIOCore
import NIOHTTP2
import NIOSSL
import NIOTLS

/// Builds the handlers of a client's connection; the one place where pipelines are made.
struct ClientPipelines {
    let loop: ProxyLoop
    let tls: NIOSSLContext?
    /// A listener for redirects only, such as port 80 beside a TLS port.
    let isRedirectOnly: Bool

    /// What every accepted connection begins with.
    func begin(_ channel: any Channel) throws {
        guard tls != nil else { return try addPlain(to: channel) }
        try channel.pipeline.syncOperations.addHandler(FirstByteHandler(pipelines: self))
    }

    func addPlain(to channel: any Channel) throws {
        let redirects = tls != nil || isRedirectOnly
        try channel.pipeline.syncOperations.addHandler(
            HTTP1Connection(
                loop: loop,
                forwarded: forwarded(channel, isSecure: false),
                redirectsToTLS: redirects,
            )
        )
    }

    func addTLS(to channel: any Channel) throws {
        guard let tls else { throw ChannelError.inappropriateOperationForState }
        try channel.pipeline.syncOperations.addHandlers([
            NIOSSLServerHandler(context: tls),
            ALPNHandler { name in try addNegotiated(name, to: channel) },
        ])
    }

    private func addNegotiated(_ protocolName: String?, to channel: any Channel) throws {
        let forwarded = forwarded(channel, isSecure: true)
        guard protocolName == "h2" else {
            try channel.pipeline.syncOperations.addHandler(
                HTTP1Connection(loop: loop, forwarded: forwarded, redirectsToTLS: false)
            )
            return
        }
        let connection = HTTP2Connection(loop: loop, forwarded: forwarded)
        try channel.pipeline.syncOperations.addHandlers([
            HTTP2Limits.makeHandler(watching: connection), connection,
        ])
    }

    private func forwarded(_ channel: any Channel, isSecure: Bool) -> ForwardedFields {
        let address = channel.remoteAddress?.ipAddress ?? "127.0.0.1"
        // An IPv4 peer of a dual-stack socket is shown as what it is.
        let isMapped = address.hasPrefix("::ffff:") && address.contains(".")
        return ForwardedFields(
            peerAddress: isMapped ? String(address.dropFirst(7)) : address,
            isSecure: isSecure,
        )
    }
}
