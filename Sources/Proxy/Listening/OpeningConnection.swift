import NIOCore

/// A connection before its protocol is known: until its first bytes, or the end of its TLS
/// handshake.
///
/// The handler only stands in the pipeline for the deadline; it touches no bytes.
final class OpeningConnection: ChannelInboundHandler, RemovableChannelHandler, ClientConnection {
    typealias InboundIn = ByteBuffer

    private let loop: ProxyLoop
    private let since: Moment
    private var context: ChannelHandlerContext?

    init(loop: ProxyLoop) {
        self.loop = loop
        since = loop.clients.beginWait()
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.clients.opened(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        loop.clients.closed(self)
    }

    /// Hands the connection over to the handler of its protocol.
    func end() {
        guard let context else { return }
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    var wait: ClientWait? {
        ClientWait(since: since, limit: loop.configuration.limits.opening)
    }

    var unreadBytes: Int { 0 }
    var lastMovement: Moment { since }

    func sweep() -> Bool { false }

    func expire() { context?.closeSocket() }

    /// With `closesIdle` no request of it would be answered.
    func shutDownGracefully(closesIdle: Bool) {
        if closesIdle { closeNow() }
    }

    func closeNow() { context?.close(mode: .all, promise: nil) }
}
