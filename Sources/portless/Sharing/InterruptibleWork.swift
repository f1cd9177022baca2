import ArgumentParser
import HostSystem
import Synchronization

/// Asynchronous work that the user can watch and interrupt, for a command that has blocked its
/// signals.
struct InterruptibleWork {
    private static let pause = Duration.milliseconds(50)
    private static let progress = Duration.seconds(5)
    /// How long cancelled work may take to clean up.
    private static let farewell = Duration.seconds(10)
    private static let endings: Set<Signal> = [.hangUp, .interrupt, .quit, .terminate]

    let signals: SignalQueue
    let console: Console

    /// Waits for the work; every five seconds the user is told what is waited for.
    ///
    /// A signal to end cancels the work, and is thrown as the exit code that it stands for.
    func run<Value: Sendable>(
        waitingFor subject: String,
        _ work: @escaping @Sendable () async throws -> Value,
    ) throws -> Value {
        let outcome = WorkOutcome<Value>()
        // This call owns the task: it returns after its end, or once it was cancelled.
        let task = Task {
            do {
                outcome.set(.success(try await work()))
            } catch {
                outcome.set(.failure(error))
            }
        }
        let start = ContinuousClock.now
        var nextProgress = start + Self.progress
        while true {
            if let result = outcome.value { return try result.get() }
            if let signal = signals.next(timeout: Self.pause), Self.endings.contains(signal) {
                task.cancel()
                _ = Escalation.wait(upTo: Self.farewell) { outcome.value != nil }
                throw ExitCode(ProcessEnd.signalled(signal).exitCode)
            }
            guard ContinuousClock.now >= nextProgress else { continue }
            let seconds = start.duration(to: .now).components.seconds
            console.say("-- Waiting for \(subject)… (\(seconds) s)")
            nextProgress = .now + Self.progress
        }
    }
}

private final class WorkOutcome<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)

    var value: Result<Value, any Error>? { result.withLock { $0 } }

    func set(_ result: Result<Value, any Error>) {
        self.result.withLock { $0 = result }
    }
}
