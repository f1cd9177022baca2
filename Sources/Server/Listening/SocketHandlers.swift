import Hummingbird
import HummingbirdCore
import Logging
import SystemPackage

/// The handlers of one listener, on a Unix domain socket of their own.
struct SocketHandlers {
    private let socket: PrivateSocket
    /// Ends with `stop`.
    private let task: Task<Void, Never>

    /// Serves on the socket once it returns; where that fails, the socket is removed.
    static func start(
        _ responder: RouterResponder<APIContext>,
        on socket: PrivateSocket,
        logger: Logger,
    ) async throws -> SocketHandlers {
        var socket = socket
        // Hummingbird logs its start and end, which is our task, and reports the end as an error.
        var quiet = logger
        quiet.logLevel = .critical
        let (ready, signal) = AsyncThrowingStream<Void, any Error>.makeStream()
        let application = Application(
            responder: responder,
            configuration: ApplicationConfiguration(
                address: .unixDomainSocket(path: socket.bindingPath.string),
                serverName: nil,
                backlog: 4096,
            ),
            onServerRunning: { _ in signal.finish() },
            logger: quiet,
        )
        let task = Task {
            do {
                try await application.run()
                // Without effect where it has served.
                signal.finish(throwing: CancellationError())
            } catch {
                signal.finish(throwing: error)
            }
        }
        do {
            for try await _ in ready {}
            try socket.publish()
        } catch {
            await SocketHandlers(socket: socket, task: task).stop()
            throw error
        }
        return SocketHandlers(socket: socket, task: task)
    }

    func stop() async {
        task.cancel()
        await task.value
        socket.remove()
    }
}
