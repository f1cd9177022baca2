import HostSystem

/// What a run in the terminal does about each signal it gets and each change of its processes.
///
/// The first request to end sets a limit: after half of it all that is left is asked to end (SIGTERM),
/// wherever it went, and after the whole of it it is made to (SIGKILL).
package struct ForegroundPolicy {
    enum Arrangement: Hashable {
        /// One process stands in for us, with `hasTerminal` as a job of the shell.
        case alone(hasTerminal: Bool)
        /// Several processes, none of which has the terminal.
        case sideBySide
    }

    enum Action: Hashable {
        /// Pass this on to the groups of all processes.
        case send(Signal)
        /// Send this to all that the processes started, in other groups and sessions, too.
        case sendToAll(Signal)
        /// Take the terminal back and stop, as the shell expects of a job; then `resume` follows.
        case stop(with: Signal, wholeGroup: Bool)
        /// Give the terminal back to a process that is alone, and continue all.
        case resume
        /// End what the process that has ended left behind.
        case finish(ProcessEnd)
        /// End without the processes: not even SIGKILL had an effect.
        case giveUp
    }

    typealias Instant = ContinuousClock.Instant

    /// How long all may take to end before they are killed, unless the user says otherwise.
    package static let usualKillTimeout = Duration.seconds(10)
    /// Presses nearer together are one: `npm run` passes on a Ctrl-C that we got ourselves too.
    static let samePress = Duration.milliseconds(500)
    /// How long SIGKILL may take.
    private static let killPatience = Duration.seconds(2)
    /// So many requests mean: no more patience.
    private static let finalRequest = 3

    private enum Stage {
        case willing, terminated, killed
    }

    private let arrangement: Arrangement
    /// Nil: they may take as long as they like.
    private let killTimeout: Duration?
    private var stage = Stage.willing
    private var lastRequest: (signal: Signal, time: Instant)?
    private var requests = 0
    /// The first signal that asked the run to end.
    private(set) var endSignal: Signal?
    /// When the next harsher signal is due without being asked for.
    private(set) var deadline: Instant?

    init(_ arrangement: Arrangement, killTimeout: Duration? = usualKillTimeout) {
        self.arrangement = arrangement
        self.killTimeout = killTimeout
    }

    mutating func receive(_ signal: Signal, now: Instant) -> [Action] {
        switch arrangement {
        case .alone: receiveAlone(signal, now)
        case .sideBySide: receiveForAll(signal, now)
        }
    }

    /// Ctrl-C was pressed in the terminal that the process has, so that the process has got it.
    mutating func receivePress(now: Instant) -> [Action] {
        // Without a limit it may be a debugger's or an interpreter's, at any number of presses.
        killTimeout == nil ? [] : request(.interrupt, passing: nil, now)
    }

    /// A process that is alone gets what we get.
    private mutating func receiveAlone(_ signal: Signal, _ now: Instant) -> [Action] {
        switch signal {
        case .interrupt, .terminate, .hangUp: request(signal, passing: signal, now)
        case .terminalStop: [.send(.terminalStop), .stop(with: .terminalStop, wholeGroup: false)]
        case .continue: [.resume]
        default: [.send(signal)]
        }
    }

    /// Several are asked to end together, and stopped by force: none of them has the terminal.
    private mutating func receiveForAll(_ signal: Signal, _ now: Instant) -> [Action] {
        switch signal {
        case .interrupt, .terminate, .hangUp: request(signal, passing: .terminate, now)
        case .terminalStop: [.send(.stop), .stop(with: .terminalStop, wholeGroup: false)]
        case .continue, .windowChanged: []
        default: [.send(signal)]
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
        switch stage {
        case .willing:
            stage = .terminated
            self.deadline = killTimeout.map { now.advanced(by: $0 / 2) }
            return [.sendToAll(.terminate)]
        case .terminated: return kill(now)
        case .killed:
            self.deadline = nil
            return [.giveUp]
        }
    }

    /// How a process counts as ended: by the signal that was meant for it, where it had to be made to.
    func end(of end: ProcessEnd) -> ProcessEnd {
        forcedEnd ?? end
    }

    /// How a run counts as ended that had to be made to; nil while none of it had to.
    var forcedEnd: ProcessEnd? {
        stage == .willing ? nil : endSignal.map { .signalled($0) }
    }

    private mutating func request(
        _ signal: Signal,
        passing: Signal?,
        _ now: Instant,
    ) -> [Action] {
        if let last = lastRequest, last.signal == signal,
            last.time.duration(to: now) < Self.samePress
        {
            return []
        }
        lastRequest = (signal, now)
        requests = requests.saturatingAdd(1)
        if endSignal == nil {
            endSignal = signal
            deadline = killTimeout.map { now.advanced(by: $0 / 2) }
        }
        guard requests < Self.finalRequest else { return kill(now) }
        return passing.map { [.send($0)] } ?? []
    }

    private mutating func kill(_ now: Instant) -> [Action] {
        stage = .killed
        deadline = now.advanced(by: Self.killPatience)
        return [.sendToAll(.kill)]
    }

    /// SIGSTOP would also stop those ancestors of ours that handle the terminal's own signal.
    private static func terminalSignal(for signal: Signal) -> Signal {
        signal == .terminalInput || signal == .terminalOutput ? signal : .terminalStop
    }
}
