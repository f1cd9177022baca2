import HostSystem

/// Decides how a run in the terminal reacts to signals and to changes of its processes.
///
/// The first request to end sets a limit: after half of it every process that is left gets SIGTERM,
/// wherever it went, and after the whole of it SIGKILL.
package struct ForegroundPolicy {
    enum Arrangement: Hashable {
        /// One process stands in for us; with `hasTerminal` it is the shell's foreground job.
        case alone(hasTerminal: Bool)
        /// Several processes, none of which has the terminal.
        case sideBySide
    }

    enum Action: Hashable {
        /// Forward this signal to the groups of all processes.
        case send(Signal)
        /// Send this signal to all descendants of the processes, in other groups and sessions, too.
        case sendToAll(Signal)
        /// Take the terminal back and stop, as the shell expects of a job; then `resume` follows.
        case stop(with: Signal, wholeGroup: Bool)
        /// Give the terminal back to a process that is alone, and continue all.
        case resume
        /// End the descendants of the process that has exited.
        case finish(ProcessEnd)
        /// End without the processes: not even SIGKILL had an effect.
        case giveUp
    }

    typealias Instant = ContinuousClock.Instant

    /// How long all processes may take to end before they are killed, unless the user sets a limit.
    package static let usualKillTimeout = Duration.seconds(10)
    /// Presses closer together count as one: `npm run` also forwards a Ctrl-C that we got
    /// ourselves.
    static let samePress = Duration.milliseconds(500)
    /// How long SIGKILL may take.
    private static let killPatience = Duration.seconds(2)
    /// After this many requests the processes are killed at once.
    private static let finalRequest = 3

    private enum Stage {
        case willing, terminated, killed
    }

    private let arrangement: Arrangement
    /// Nil: the processes may take as long as they like.
    private let killTimeout: Duration?
    private var stage = Stage.willing
    private var lastRequest: (signal: Signal, time: Instant)?
    private var requests = 0
    /// The first signal that asked the run to end.
    private(set) var endSignal: Signal?
    /// When the policy sends the next harsher signal by itself.
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

    /// The user pressed Ctrl-C in the terminal that the process has, so the process got it.
    mutating func receivePress(now: Instant) -> [Action] {
        // Without a limit the presses may be meant for a debugger or an interpreter, however many.
        killTimeout == nil ? [] : request(.interrupt, passing: nil, now)
    }

    /// A process that runs alone gets every signal that we get.
    private mutating func receiveAlone(_ signal: Signal, _ now: Instant) -> [Action] {
        switch signal {
        case .interrupt, .terminate, .hangUp: request(signal, passing: signal, now)
        case .terminalStop: [.send(.terminalStop), .stop(with: .terminalStop, wholeGroup: false)]
        case .continue: [.resume]
        default: [.send(signal)]
        }
    }

    /// Several processes are asked to end together, and stopped with SIGSTOP: none has the
    /// terminal.
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

    /// The end that a process is reported with: the signal that was meant for it, where the policy
    /// had to enforce that.
    func end(of end: ProcessEnd) -> ProcessEnd {
        forcedEnd ?? end
    }

    /// The end that a run is reported with where the policy had to enforce it; nil otherwise.
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
