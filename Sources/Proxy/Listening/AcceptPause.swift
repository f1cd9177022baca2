import NIOCore

/// Stops accepting for a moment where the system has no descriptor left for a connection.
///
/// NIO's own handler delays the next read, but the listener stays readable and keeps the event
/// loop at full speed: an accept that fails at once leaves its registration as it is.
final class AcceptPause: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private static let length = TimeAmount.milliseconds(250)

    private let makeRoom: () -> Void

    /// `makeRoom` is called at the beginning of each pause.
    init(makeRoom: @escaping () -> Void) {
        self.makeRoom = makeRoom
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let channel = context.channel
        if error is IOError {
            try? channel.syncOptions?.setOption(.autoRead, value: false)
            makeRoom()
            context.eventLoop.assumeIsolated().scheduleTask(in: Self.length) {
                try? channel.syncOptions?.setOption(.autoRead, value: true)
            }
        }
        context.fireErrorCaught(error)
    }
}
