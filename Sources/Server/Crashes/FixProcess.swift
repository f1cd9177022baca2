import HostSystem
import PortlessCore
import Runner
import Synchronization
import SystemPackage

/// Runs one command of autofix: in a session of its own, with few variables, for a limited time.
struct FixProcess: Sendable {
    enum Outcome: Hashable, Sendable {
        /// With this exit code, as shells give it.
        case ended(Int32)
        case timedOut
        case printedTooMuch
        case cancelled

        func phrase(_ timeout: Duration) -> String {
            switch self {
            case .ended(let code): "exited with code \(code)"
            case .timedOut: "didn't end within \(timeout.components.seconds) s and was ended"
            case .printedTooMuch: "printed more than 10 MiB and was ended"
            case .cancelled: "was ended with the server"
            }
        }
    }

    let command: [String]
    let environment: [String: String]
    let folder: FilePath
    let input: FilePath
    let output: FilePath
    /// Where its identity is written, by which the next server finds what this one has left.
    let record: FilePath
    let timeout: Duration

    private static let mostOutput: Int64 = 10 << 20
    private static let grace = Duration.seconds(2)
    private static let pause = Duration.milliseconds(50)

    /// The variables that a command may have: what it needs to find programs and its own settings.
    ///
    /// Neither the app's variables nor credentials of the terminal are among them.
    static func stripped(_ environment: [String: String]) -> [String: String] {
        let names: Set = [
            "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TMPDIR", "TERM", "TZ",
        ]
        return environment.filter { names.contains($0.key) || $0.key.hasPrefix("LC_") }
    }

    /// Returns when the process has ended, and what it has started is ended with it.
    func run() async throws -> Outcome {
        let cancellation = Cancellation()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isStarted = SystemThread.start {
                    continuation.resume(
                        with: Result { try perform { cancellation.isCancelled } }
                    )
                }
                guard !isStarted else { return }
                continuation.resume(
                    throwing: SystemError("start a thread", errno: .resourceTemporarilyUnavailable)
                )
            }
        } onCancel: {
            cancellation.cancel()
        }
    }

    private func perform(isCancelled: () -> Bool) throws -> Outcome {
        let child = try start()
        var termination = Termination(of: child)
        var entry = JSONObject()
        child.identity.write(to: &entry)
        try? AtomicFile.write(
            JSONValue.object(entry).compact.utf8,
            to: record,
            mode: .ownerReadWrite,
        )
        let end = ContinuousClock.now + timeout
        var outcome: Outcome?
        var killAt: ContinuousClock.Instant?
        while true {
            // What leaves the group or loses its parent has to be seen before.
            termination.note()
            if case .ended(let ending)? = try child.change() {
                // What it has left in the background has no work tree any more.
                termination.send(.kill)
                try child.reap()
                return outcome ?? .ended(ending.exitCode)
            }
            let now = ContinuousClock.now
            if let killAt {
                if killAt <= now { termination.send(.kill) }
            } else if let reason = reasonToEnd(isOver: end <= now, isCancelled: isCancelled()) {
                outcome = reason
                killAt = now + Self.grace
                termination.send(.terminate)
            }
            SystemClock.sleep(for: Self.pause)
        }
    }

    private func reasonToEnd(isOver: Bool, isCancelled: Bool) -> Outcome? {
        if isCancelled { return .cancelled }
        if isOver { return .timedOut }
        let size = (try? FileStatus.of(output))?.size ?? 0
        return size > Self.mostOutput ? .printedTooMuch : nil
    }

    private func start() throws -> ChildProcess {
        guard let name = command.first,
            let program = ProgramSearch.find(name, path: environment["PATH"])
        else { throw FixProblem(description: "it isn't installed, or isn't in PATH") }
        let reading = try FileDescriptor.open(input, .readOnly, options: .closeOnExec)
        defer { try? reading.close() }
        let writing = try FileDescriptor.open(
            output,
            .writeOnly,
            options: [.create, .truncate, .closeOnExec, .noFollow],
            permissions: .ownerReadWrite,
        )
        defer { try? writing.close() }
        var spawn = Spawn(
            executable: program,
            arguments: Array(command.dropFirst()),
            environment: environment,
            workingDirectory: folder,
        )
        spawn.name = name
        spawn.group = .ownSession
        spawn.standardInput = reading
        spawn.standardOutput = writing
        spawn.standardError = writing
        return try spawn.start()
    }
}

/// Whether the task that waits for the process was cancelled.
private final class Cancellation: Sendable {
    private let state = Mutex(false)

    var isCancelled: Bool { state.withLock(\.self) }

    func cancel() { state.withLock { $0 = true } }
}

private struct FixProblem: Error, CustomStringConvertible {
    let description: String
}
