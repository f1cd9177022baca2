import NIOCore
import NIOPosix
import Synchronization

/// An app whose every connection follows a script, so that it can answer with anything at all.
struct ScriptedUpstream {
    typealias Script = @Sendable (RawConnection, Int) async throws -> Void

    /// Counts the connections that were opened.
    final class Counter: Sendable {
        private let count = Mutex(0)
        var value: Int { count.withLock { $0 } }
        func increment() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }
    }

    private let script: Script
    private let host: String

    private let port: Int
    /// A socket that is bound but doesn't listen yet; the upstream closes it.
    private let held: CInt?

    init(
        _ script: @escaping Script,
        host: String = "127.0.0.1",
        port: Int = 0,
        held: CInt? = nil,
    ) {
        self.script = script
        self.host = host
        self.port = port
        self.held = held
    }

    /// Runs `body` while the upstream listens.
    func run<Result: Sendable>(
        _ body: (_ port: Int, _ connections: Counter) async throws -> Result
    ) async throws -> Result {
        let script = self.script
        let counter = Counter()
        let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 1024)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
        let setUp = { @Sendable (channel: any Channel) in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                    wrappingChannelSynchronously: channel,
                    configuration: .init(isOutboundHalfClosureEnabled: true),
                )
            }
        }
        let server =
            if let held {
                try await bootstrap.bind(held, childChannelInitializer: setUp)
            } else {
                try await bootstrap.bind(host: host, port: port, childChannelInitializer: setUp)
            }
        let port = server.channel.localAddress?.port ?? 0
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await withThrowingDiscardingTaskGroup { connections in
                    try await server.executeThenClose { inbound in
                        for try await channel in inbound {
                            let number = counter.increment()
                            connections.addTask {
                                try? await channel.executeThenClose { inbound, outbound in
                                    try await script(
                                        RawConnection(inbound, outbound, channel: channel.channel),
                                        number,
                                    )
                                }
                            }
                        }
                    }
                }
            }
            let result = try await body(port, counter)
            group.cancelAll()
            return result
        }
    }

    /// Answers every request, whatever its size, with `answer`.
    static func answering(_ answer: String) -> Script {
        { connection, _ in
            while true {
                _ = try await connection.read(until: "\r\n\r\n")
                try await connection.send(answer)
            }
        }
    }
}
