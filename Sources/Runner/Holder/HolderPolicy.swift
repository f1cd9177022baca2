package import HostSystem
import SystemPackage

/// An unexpected exit of a daemon.
package struct DaemonDeath: Hashable, Sendable {
    /// How it ended; nil where its program couldn't be run.
    package var pid: Int32?
    package var end: ProcessEnd
    /// Its version; nil where it died before it reported one.
    package var version: String?
    /// The reason that it reported itself, if it did.
    package var sentence: String?
    /// The pause before the next start; nil where the holder gives up.
    package var pause: Duration?
}

/// Decides when the daemon on a holder's sockets is started, replaced, given up and ended.
///
/// A value with the clock passed in. Its owner carries out the actions in order, and reports what
/// happens to each process.
struct HolderPolicy {
    typealias Instant = ContinuousClock.Instant

    enum Action: Equatable {
        /// Start the candidate; `spawned` or `failed` follows.
        case spawn(FilePath)
        case send(Signal, to: Int32)
        /// Report to the process that started the holder.
        case report(StartReport)
        /// Report to the command that asked for the replacement.
        case answer(StartReport)
        case noteDeath(DaemonDeath)
        case end(code: Int32)
    }

    /// A daemon that was started and hasn't reported yet.
    private struct Candidate {
        enum Purpose { case first, afterDeath, replacement }

        var executable: FilePath
        var purpose: Purpose
        /// A command waits for the answer.
        var isAwaited = false
        var pid: Int32?
        var deadline: Instant?
        /// The failure that it reported.
        var failure: StartReport?
    }

    /// Makes a serving daemon finish its connections and exit, without removing its names.
    static let retireSignal = Signal.user2

    /// The number of exits within `window` after which the holder gives up.
    static let mostDeaths = 5
    static let window = Duration.seconds(60)
    /// How long a daemon may take until it serves, slow disks and busy machines included.
    static let startLimit = Duration.seconds(20)
    /// How long a daemon may take to finish after SIGTERM; `proxy stop` waits five seconds.
    static let stopLimit = Duration.seconds(4)

    private var executable: FilePath
    /// The program that the holder itself runs, which can be run even after its file was removed.
    private let own: FilePath
    private var serving: (pid: Int32, version: String)?
    private var candidate: Candidate?
    private var retiring: Set<Int32> = []
    private var deaths: [Instant] = []
    private var nextStart: Instant?
    private var stopDeadline: Instant?
    private var isStopping = false

    init(executable: FilePath) {
        self.executable = executable
        own = executable
    }

    /// When the owner has to call `passDeadlines` next.
    var deadline: Instant? {
        [nextStart, stopDeadline, candidate?.deadline].compactMap(\.self).min()
    }

    private var children: [Int32] {
        ([serving?.pid, candidate?.pid].compactMap(\.self) + retiring).sorted()
    }

    // MARK: Events

    mutating func start() -> [Action] {
        candidate = Candidate(executable: executable, purpose: .first)
        return [.spawn(executable)]
    }

    /// A command asks for a daemon of another version on the same sockets.
    mutating func replace(with executable: FilePath) -> [Action] {
        guard !isStopping, candidate == nil else {
            let state = isStopping ? "stopped" : "started"
            let sentence = "It is being \(state) just now."
            return [.answer(.failed(sentence: sentence, remedy: "Try again."))]
        }
        nextStart = nil
        candidate = Candidate(executable: executable, purpose: .replacement, isAwaited: true)
        return [.spawn(executable)]
    }

    mutating func spawned(_ pid: Int32, now: Instant) {
        candidate?.pid = pid
        candidate?.deadline = now + Self.startLimit
    }

    /// The daemon reported that it serves, or why it can't; then it exits by itself.
    mutating func reported(_ report: StartReport, by pid: Int32) -> [Action] {
        guard let ready = candidate, ready.pid == pid else { return [] }
        guard case .ready(let version) = report else {
            candidate?.failure = report
            return []
        }
        candidate = nil
        executable = ready.executable
        var actions: [Action] = []
        if let old = serving {
            retiring.insert(old.pid)
            actions.append(.send(Self.retireSignal, to: old.pid))
        }
        serving = (pid, version)
        if ready.purpose == .first { actions.append(.report(report)) }
        if ready.isAwaited { actions.append(.answer(report)) }
        return actions
    }

    /// The candidate's program can't be run.
    mutating func failed(_ failure: StartReport, now: Instant) -> [Action] {
        // An upgrade or its removal may have taken the file of the daemon that died.
        if candidate?.purpose == .afterDeath, executable != own {
            executable = own
            candidate = Candidate(executable: own, purpose: .afterDeath)
            return [.spawn(own)]
        }
        candidate?.failure = failure
        return candidateEnded(.exited(1), now: now)
    }

    mutating func ended(_ pid: Int32, _ end: ProcessEnd, now: Instant) -> [Action] {
        if retiring.remove(pid) != nil { return endIfDone() }
        if candidate?.pid == pid { return candidateEnded(end, now: now) }
        guard let daemon = serving, daemon.pid == pid else { return [] }
        serving = nil
        if isStopping { return endIfDone() }
        // It was asked to exit, or has exited in order by itself.
        if end == .exited(0) { return stop(now: now) }
        return died(DaemonDeath(pid: pid, end: end, version: daemon.version), now: now)
    }

    mutating func stop(now: Instant) -> [Action] {
        guard !isStopping else { return [] }
        isStopping = true
        nextStart = nil
        stopDeadline = now + Self.stopLimit
        return children.map { .send(.terminate, to: $0) } + endIfDone()
    }

    mutating func passDeadlines(now: Instant) -> [Action] {
        var actions: [Action] = []
        if let nextStart, nextStart <= now {
            self.nextStart = nil
            candidate = Candidate(executable: executable, purpose: .afterDeath)
            actions.append(.spawn(executable))
        }
        if let pid = candidate?.pid, let deadline = candidate?.deadline, deadline <= now {
            candidate?.deadline = nil
            candidate?.failure = .failed(
                sentence:
                    "The new process didn't serve within \(Self.startLimit.components.seconds) seconds.",
                remedy: nil,
            )
            actions.append(.send(.kill, to: pid))
        }
        if let stopDeadline, stopDeadline <= now {
            self.stopDeadline = nil
            actions += children.map { .send(.kill, to: $0) }
        }
        return actions
    }

    // MARK: Decisions

    private mutating func candidateEnded(_ end: ProcessEnd, now: Instant) -> [Action] {
        guard let lost = candidate else { return [] }
        candidate = nil
        let failure =
            lost.failure
            ?? .failed(
                sentence: "The new process ended while it started, by \(end.reason).",
                remedy: nil,
            )
        let actions: [Action] = lost.isAwaited ? [.answer(failure)] : []
        if isStopping { return actions + endIfDone() }
        if lost.purpose == .first { return [.report(failure)] + stop(now: now, code: 1) }
        // A failed replacement changes nothing while the old daemon serves.
        guard serving == nil else { return actions }
        var death = DaemonDeath(pid: lost.pid, end: end)
        if case .failed(let sentence, _) = failure { death.sentence = sentence }
        return actions + died(death, now: now)
    }

    private mutating func died(_ death: DaemonDeath, now: Instant) -> [Action] {
        deaths.removeAll { $0.duration(to: now) > Self.window }
        deaths.append(now)
        guard deaths.count < Self.mostDeaths else {
            return [.noteDeath(death)] + stop(now: now, code: 1)
        }
        var death = death
        let pause = Duration.milliseconds(500 * (deaths.count - 1))
        death.pause = pause
        // The replacement under way serves as well as another one would.
        if candidate == nil { nextStart = now + pause }
        return [.noteDeath(death)]
    }

    private var exitCode: Int32 = 0

    private mutating func stop(now: Instant, code: Int32) -> [Action] {
        exitCode = code
        return stop(now: now)
    }

    private mutating func endIfDone() -> [Action] {
        isStopping && children.isEmpty ? [.end(code: exitCode)] : []
    }
}

extension ProcessEnd {
    /// The phrase after "by" in a sentence.
    package var reason: String {
        switch self {
        case .exited(let code): "exit code \(code)"
        case .signalled(let signal): "\(signal)"
        }
    }
}
