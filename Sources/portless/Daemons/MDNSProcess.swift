import HostSystem
import Logging
import PortlessCore
import Runner
import Synchronization
import SystemPackage

/// The publisher of a proxy in LAN mode, as a child of the proxy: restarted when it dies, ended with it.
///
/// It ends at the end of its standard input, whose other end only the proxy holds.
final class MDNSProcess: Sendable {
    private struct State {
        var process: ChildProcess?
        var input: FileDescriptor?
        var isEnding = false
        var isOver = false
    }

    private static let longestPause = Duration.seconds(30)
    /// One that lived as long has not failed at its start.
    private static let steady = Duration.seconds(60)
    private static let grace = Duration.seconds(5)

    private let daemon: Daemon
    private let logger: Logger
    private let state = Mutex(State())

    init(
        settings: ProxySettings,
        port: Port,
        directory: StateDirectory,
        context: CommandContext,
        logger: Logger,
    ) {
        var daemon = Daemon(
            executable: context.executable,
            arguments: [MDNSCommand.word, "--port", port.description]
                + (settings.lanAddress.map { ["--address", $0] } ?? []),
            environment: context.environment(for: directory),
            log: nil,
        )
        daemon.name = "portless"
        daemon.workingDirectory = "/"
        self.daemon = daemon
        self.logger = logger
    }

    func start() {
        let isStarted = SystemThread.start { self.keepRunning() }
        if !isStarted { state.withLock { $0.isOver = true } }
    }

    /// Withdraws the names and returns once that is done.
    func end() {
        let input = state.withLock { state in
            defer { state.input = nil }
            state.isEnding = true
            return state.input
        }
        try? input?.close()
        guard !waitForEnd() else { return }
        _ = state.withLock { $0.process?.send(.kill) }
        _ = waitForEnd()
    }

    private func waitForEnd() -> Bool {
        Escalation.wait(upTo: Self.grace) { state.withLock(\.isOver) }
    }

    private func keepRunning() {
        var pause = Duration.seconds(1)
        while !state.withLock(\.isEnding) {
            let start = ContinuousClock.now
            let reason = runOnce()
            guard !state.withLock(\.isEnding) else { break }
            if ContinuousClock.now - start > Self.steady { pause = .seconds(1) }
            logger.warning("The publisher of names in the local network ended: \(reason)")
            _ = Escalation.wait(upTo: pause) { state.withLock(\.isEnding) }
            pause = min(pause * 2, Self.longestPause)
        }
        state.withLock { $0.isOver = true }
    }

    /// Returns when it has ended, with the reason in words.
    private func runOnce() -> String {
        do {
            let pipe = try Pipe()
            defer { try? pipe.reading.close() }
            var daemon = daemon
            daemon.standardInput = pipe.reading
            let process: ChildProcess
            do {
                process = try daemon.spawn()
            } catch {
                try? pipe.writing.close()
                throw error
            }
            let isEnding = state.withLock { state in
                state.process = process
                if !state.isEnding { state.input = pipe.writing }
                return state.isEnding
            }
            if isEnding { try? pipe.writing.close() }
            let end = try process.wait()
            let input = state.withLock { state in
                defer { state.input = nil }
                state.process = nil
                return state.input
            }
            try? input?.close()
            return "exit code \(end.exitCode)."
        } catch {
            return "\(error)"
        }
    }
}
