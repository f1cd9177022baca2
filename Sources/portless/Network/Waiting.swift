import NIOCore
import NIOPosix

/// Runs asynchronous work for a command that has nothing else to do meanwhile.
///
/// Commands are synchronous: most need no thread but their own, and the one that runs an app has to
/// arrange its signals before there is a second.
func waiting<Result: Sendable>(
    for work: @escaping @Sendable () async throws -> Result
) throws -> Result {
    try MultiThreadedEventLoopGroup.singleton.any().makeFutureWithTask(work).wait()
}
