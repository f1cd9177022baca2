import HostSystem

/// What a foreground run does about each signal it gets and each change of its child.
struct ForegroundPolicy {
    enum Action: Hashable {
        case signalChild(Signal)
        /// Take the terminal back and stop, as the shell expects of a job; then `resume` follows.
        case stop(with: Signal, wholeGroup: Bool)
        /// Give the child the terminal again if it is ours to give, and continue it.
        case resume
        case finish(ProcessEnd)
    }

    typealias Instant = ContinuousClock.Instant

    /// Presses nearer together are one: `npm run` passes on a Ctrl-C that we got ourselves too.
    static let samePress = Duration.milliseconds(500)
    /// How long a child may ignore that its terminal is gone.
    static let grace = Duration.seconds(5)

    /// Whether there is a shell's job control to take part in.
    private let hasTerminal: Bool
    private var lastSent: Signal?
    private var lastPress: Instant?
    /// When the next harsher signal is due without anybody asking again.
    private(set) var deadline: Instant?

    init(hasTerminal: Bool) {
        self.hasTerminal = hasTerminal
    }

    mutating func receive(_ signal: Signal, now: Instant) -> [Action] {
        switch signal {
        case .interrupt, .terminate: return press(signal, now: now)
        case .hangUp:
            // Nobody is left who could ask again.
            deadline = now.advanced(by: Self.grace)
            return [.signalChild(.hangUp)]
        case .terminalStop:
            return [.signalChild(.terminalStop), .stop(with: .terminalStop, wholeGroup: false)]
        case .continue: return [.resume]
        default: return [.signalChild(signal)]
        }
    }

    mutating func childChanged(_ change: ProcessChange) -> [Action] {
        switch change {
        case .ended(let end): [.finish(end)]
        case .continued: []
        case .stopped(let signal):
            // Without a shell above nobody would ever continue us.
            hasTerminal ? [.stop(with: Self.terminalSignal(for: signal), wholeGroup: true)] : []
        }
    }

    mutating func deadlinePassed(now: Instant) -> [Action] {
        guard let deadline, deadline <= now else { return [] }
        let signal: Signal = lastSent == .terminate ? .kill : .terminate
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
        return [.signalChild(signal)]
    }

    /// SIGSTOP would also stop those ancestors of ours that handle the terminal's own signal.
    private static func terminalSignal(for signal: Signal) -> Signal {
        signal == .terminalInput || signal == .terminalOutput ? signal : .terminalStop
    }
}
