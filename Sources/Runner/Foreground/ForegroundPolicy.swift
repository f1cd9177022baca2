import HostSystem

/// What a run in the terminal does about each signal it gets and each change of its processes.
struct ForegroundPolicy {
    enum Arrangement: Hashable {
        /// One process stands in for us, with `hasTerminal` as a job of the shell.
        case alone(hasTerminal: Bool)
        /// Several processes, none of which has the terminal.
        case sideBySide
    }

    enum Action: Hashable {
        /// Pass this on to all processes.
        case send(Signal)
        /// Take the terminal back and stop, as the shell expects of a job; then `resume` follows.
        case stop(with: Signal, wholeGroup: Bool)
        /// Give the terminal back to a process that is alone, and continue all.
        case resume
        /// End what the process that has ended left of its group.
        case finish(ProcessEnd)
    }

    typealias Instant = ContinuousClock.Instant

    /// Presses nearer together are one: `npm run` passes on a Ctrl-C that we got ourselves too.
    static let samePress = Duration.milliseconds(500)
    /// How long processes may ignore that their terminal is gone, or that they are to end.
    static let grace = Duration.seconds(5)

    private let arrangement: Arrangement
    private var lastSent: Signal?
    private var lastPress: Instant?
    /// When the next harsher signal is due without being asked for.
    private(set) var deadline: Instant?

    init(_ arrangement: Arrangement) {
        self.arrangement = arrangement
    }

    mutating func receive(_ signal: Signal, now: Instant) -> [Action] {
        switch arrangement {
        case .alone: receiveAlone(signal, now)
        case .sideBySide: receiveForAll(signal, now)
        }
    }

    /// A process that is alone gets what we get.
    private mutating func receiveAlone(_ signal: Signal, _ now: Instant) -> [Action] {
        switch signal {
        case .interrupt, .terminate: return press(signal, now: now)
        case .hangUp:
            // The user can't ask again.
            deadline = now.advanced(by: Self.grace)
            return [.send(.hangUp)]
        case .terminalStop:
            return [.send(.terminalStop), .stop(with: .terminalStop, wholeGroup: false)]
        case .continue: return [.resume]
        default: return [.send(signal)]
        }
    }

    /// Several are asked to end together, and stopped by force: none of them has the terminal.
    private mutating func receiveForAll(_ signal: Signal, _ now: Instant) -> [Action] {
        switch signal {
        case .interrupt, .terminate, .hangUp:
            if lastSent == nil { deadline = now.advanced(by: Self.grace) }
            return press(.terminate, now: now)
        case .terminalStop: return [.send(.stop), .stop(with: .terminalStop, wholeGroup: false)]
        case .continue, .windowChanged: return []
        default: return [.send(signal)]
        }
    }

    mutating func childChanged(_ change: ProcessChange) -> [Action] {
        switch change {
        case .ended(let end): [.finish(end)]
        case .continued: []
        case .stopped(let signal):
            // Without a shell above us, nothing would ever continue us.
            arrangement == .alone(hasTerminal: true)
                ? [.stop(with: Self.terminalSignal(for: signal), wholeGroup: true)] : []
        }
    }

    mutating func deadlinePassed(now: Instant) -> [Action] {
        guard let deadline, deadline <= now else { return [] }
        let signal: Signal = lastSent == .terminate || lastSent == .kill ? .kill : .terminate
        self.deadline = signal == .kill ? nil : now.advanced(by: Self.grace)
        return send(signal)
    }

    private mutating func press(_ signal: Signal, now: Instant) -> [Action] {
        if let lastPress, lastPress.duration(to: now) < Self.samePress, lastSent != nil {
            return []
        }
        lastPress = now
        return switch lastSent {
        case nil: send(signal)
        case .interrupt?: send(.terminate)
        default: send(.kill)
        }
    }

    private mutating func send(_ signal: Signal) -> [Action] {
        lastSent = signal
        return [.send(signal)]
    }

    /// SIGSTOP would also stop those ancestors of ours that handle the terminal's own signal.
    private static func terminalSignal(for signal: Signal) -> Signal {
        signal == .terminalInput || signal == .terminalOutput ? signal : .terminalStop
    }
}
