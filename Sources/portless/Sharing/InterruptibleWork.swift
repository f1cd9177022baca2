import ArgumentParser
import HostSystem
import Synchronization

/// Where a command that waits learns of signals.
struct SignalSource {
    /// The next signal; nil after so long, or earlier.
    let next: (Duration) -> Signal?

    /// For a process whose threads all block the signals.
    init(_ queue: SignalQueue) {
        next = { queue.next(timeout: $0) }
    }

    /// For a process with event loops, whose threads block no signals: a queue would lose its alarm
    /// to one of them, and with it the deadline.
    init(_ pipe: SignalPipe) {
        next = { timeout in
            var poll = Poll()
            poll.add(pipe.reading, .reading)
            _ = poll.wait(timeout: timeout)
            return pipe.received().first
        }
    }
}

/// Asynchronous work that the user can watch and interrupt.
struct InterruptibleWork {
    private static let pause = Duration.milliseconds(50)
    private static let progress = Duration.seconds(5)
    /// How long cancelled work may take to clean up.
    private static let farewell = Duration.seconds(10)
    private static let endings: Set<Signal> = [.hangUp, .interrupt, .quit, .terminate]

    let signals: SignalSource
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
            if let signal = signals.next(Self.pause), Self.endings.contains(signal) {
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

extension InterruptibleWork {
    /// Waits for work that has deadlines of its own and must not be left undone.
    ///
    /// Without event loops, whose threads would take the signals of a run in the terminal.
    static func finish(_ work: @escaping @Sendable () async throws -> Void) throws {
        let outcome = WorkOutcome<Void>()
        // This call owns the task: it waits for its end.
        Task {
            do {
                outcome.set(.success(try await work()))
            } catch {
                outcome.set(.failure(error))
            }
        }
        _ = Escalation.wait(upTo: .seconds(120)) { outcome.value != nil }
        try outcome.value?.get()
    }
}

private final class WorkOutcome<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)

    var value: Result<Value, any Error>? { result.withLock { $0 } }

    func set(_ result: Result<Value, any Error>) {
        self.result.withLock { $0 = result }
    }
}
