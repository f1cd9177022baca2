import NIOCore
import NIOTLS

/// Waits for the TLS handshake and then replaces itself by the handlers of the agreed protocol.
///
/// Bytes that the peer sends right after its handshake are held back until those are in place.
final class ALPNHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let addHandlers: (_ protocolName: String?) throws -> Void
    private let whenFailed: (any Error) -> Void
    private enum Phase {
        case handshaking
        /// Handlers may write while they are added, and a write that fails reads the remaining
        /// bytes.
        case addingHandlers
        case done
    }

    private var phase = Phase.handshaking
    private var held: [NIOAny] = []

    /// `whenFailed` is called if the handshake fails or the connection ends before.
    init(
        addHandlers: @escaping (_ protocolName: String?) throws -> Void,
        whenFailed: @escaping (any Error) -> Void = { _ in },
    ) {
        self.addHandlers = addHandlers
        self.whenFailed = whenFailed
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .handshakeCompleted(let name)? = event as? TLSUserEvent, phase == .handshaking
        else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        phase = .addingHandlers
        do {
            try addHandlers(name)
            phase = .done
            let held = self.held
            self.held.removeAll()
            for data in held { context.fireChannelRead(data) }
            if !held.isEmpty { context.fireChannelReadComplete() }
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        } catch {
            context.close(promise: nil)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if phase == .done { context.fireChannelRead(data) } else { held.append(data) }
    }

    /// A failed handshake: a client that doesn't trust the CA, a scanner, a closed tab.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if phase == .done { return context.fireErrorCaught(error) }
        whenFailed(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if phase == .handshaking { whenFailed(ChannelError.eof) }
        context.fireChannelInactive()
    }
}
