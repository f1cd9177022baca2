package import HostSystem
package import SystemPackage

/// A command run in the terminal's foreground, as if nothing stood between it and the shell.
///
/// Single-threaded and synchronous: all that happens arrives as a signal.
package struct ForegroundRun {
    /// What the program has to open its queue with, before it does anything else.
    package static let signals: Set<Signal> = [
        .childChanged, .continue, .hangUp, .interrupt, .quit, .terminalStop, .terminate, .user1,
        .user2, .windowChanged, lookAgain,
    ]

    /// What somebody who was refused by the app sends, so that `watch` is called again.
    package static let lookAgain = Signal.urgent

    private let signals: SignalQueue
    private let guardian: GuardianLink?
    private var child: ChildProcess
    private var terminal: TerminalShare?
    private var policy: ForegroundPolicy

    /// Starts the command.
    package init(
        _ command: ShellCommand,
        environment: [String: String],
        workingDirectory: FilePath? = nil,
        signals: SignalQueue,
        guardian: GuardianLink?,
    ) throws {
        self.signals = signals
        self.guardian = guardian
        // One that isn't our session's (behind `setsid`) knows no foreground, and stops nobody.
        let input = Terminal.standardInput.flatMap { $0.foregroundGroup == nil ? nil : $0 }
        terminal = TerminalShare(input)
        policy = ForegroundPolicy(hasTerminal: input != nil)

        var spawn = command.spawn(environment: environment, workingDirectory: workingDirectory)
        spawn.group = .own
        spawn.keepsIgnoredSignals = true
        spawn.announcement = guardian?.announcement
        spawn.foregroundTerminal = terminal?.forStart
        // A child that can never be in the foreground would be stopped when it reads.
        let null = try input != nil && terminal == nil ? NullDevice.open() : nil
        defer { try? null?.close() }
        if let null { spawn.standardInput = null }
        do {
            child = try spawn.start()
        } catch {
            if spawn.foregroundTerminal != nil { terminal?.reclaim() }
            throw error
        }
    }

    /// Where the search for the child's ports begins.
    package var processID: Int32 { child.pid }

    /// The group that the child leads.
    package var group: ProcessGroup { ProcessGroup(of: child) }

    /// Awaits the child's end, and ends what it leaves of its group.
    ///
    /// `watch` is called now and then while the child runs, beginning at once; it returns how long
    /// to wait before the next call, or nil if it has seen enough until somebody asks again.
    package mutating func wait(
        watch: () -> Duration? = { nil }
    ) throws(SystemError) -> ProcessEnd {
        var nextWatch: ContinuousClock.Instant? = .now
        while true {
            var actions: [ForegroundPolicy.Action] = []
            let now = ContinuousClock.now
            if let change = try child.change() {
                actions = policy.childChanged(change)
            } else if let due = nextWatch, due <= now {
                nextWatch = watch().map { ContinuousClock.now.advanced(by: $0) }
                continue
            } else if let signal = nextSignal(before: earliest(nextWatch, policy.deadline)) {
                switch signal {
                case .childChanged: break
                case Self.lookAgain: nextWatch = .now
                default: actions = policy.receive(signal, now: .now)
                }
            } else {
                actions = policy.deadlinePassed(now: .now)
            }
            for action in actions {
                if let end = try perform(action) { return end }
            }
        }
    }

    private mutating func perform(
        _ action: ForegroundPolicy.Action
    ) throws(SystemError) -> ProcessEnd? {
        switch action {
        case .signalChild(let signal):
            ProcessGroup(of: child).send(signal)
        case .stop(let signal, let wholeGroup):
            terminal?.takeBack(from: child)
            signals.stop(with: signal, wholeGroup: wholeGroup)
            resume()
        case .resume:
            resume()
        case .finish(let end):
            try finish()
            return end
        }
        return nil
    }

    private mutating func resume() {
        terminal?.lend(to: child)
        ProcessGroup(of: child).send(.continue)
    }

    private mutating func finish() throws(SystemError) {
        terminal?.takeBack(from: child)
        // Before the child is reaped: until then nobody else can get its group's number.
        Termination(groupOf: child).run(grace: .seconds(2), signals: signals)
        guardian?.forget(child)
        try child.reap()
    }

    private func nextSignal(before deadline: ContinuousClock.Instant?) -> Signal? {
        guard let deadline else { return signals.next() }
        return signals.next(timeout: ContinuousClock.now.duration(to: deadline))
    }

    private func earliest(
        _ first: ContinuousClock.Instant?,
        _ second: ContinuousClock.Instant?,
    ) -> ContinuousClock.Instant? {
        guard let first, let second else { return first ?? second }
        return min(first, second)
    }
}
