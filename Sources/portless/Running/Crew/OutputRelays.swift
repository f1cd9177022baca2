import NIOCore
import NIOPosix

/// Passes on what several apps write.
final class OutputRelays {
    /// One event loop for all, so that lines never mix.
    private let loop = MultiThreadedEventLoopGroup.singleton.any()
    private var ends: [EventLoopFuture<Void>] = []

    /// Passes on whatever comes out of the descriptor, which it closes at the end.
    func relay(
        _ input: CInt,
        prefix: LinePrefix,
        write: @escaping @Sendable ([UInt8]) -> Void,
    ) {
        let channel = NIOPipeBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        OutputRelay(prefix: prefix, write: write)
                    )
                }
            }
            .takingOwnershipOfDescriptor(input: input)
        ends.append(channel.flatMap { $0.closeFuture })
    }

    /// Waits until all that was written has been passed on.
    func finish() {
        for end in ends { try? end.wait() }
    }
}
