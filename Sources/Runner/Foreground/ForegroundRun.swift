package import HostSystem
package import SystemPackage

/// Commands in the terminal: one that runs as if nothing stood between it and the shell, or
/// several side by side.
///
/// Single-threaded and synchronous: all that happens arrives as a signal.
package struct ForegroundRun {
    /// What the program has to open its queue with, before it does anything else.
    package static let signals: Set<Signal> = [
        .childChanged, .continue, .hangUp, .interrupt, .quit, .terminalStop, .terminate, .user1,
        .user2, .windowChanged, lookAgain,
    ]

    /// What the proxy sends after an app refused a request, so that `watch` is called again.
    package static let lookAgain = Signal.urgent

    private struct Running {
        let child: ChildProcess
        var nextWatch: ContinuousClock.Instant? = .now
    }

    private let signals: SignalQueue
    private let guardian: GuardianLink?
    private let isAlone: Bool
    private var running: [Running] = []
    private var terminal: TerminalShare?
    private var policy: ForegroundPolicy

    /// One command may be started in it if it is to be `alone`, else any number.
    package init(alone: Bool, signals: SignalQueue, guardian: GuardianLink?) {
        self.signals = signals
        self.guardian = guardian
        isAlone = alone
        policy = ForegroundPolicy(.sideBySide)
    }

    /// Starts a command that has its output to itself.
    @discardableResult
    package mutating func start(
        _ command: ShellCommand,
        environment: [String: String],
        workingDirectory: FilePath? = nil,
        output: FileDescriptor? = nil,
    ) throws -> ChildProcess {
        precondition(!isAlone || running.isEmpty, "one command runs alone")
        var spawn = command.spawn(environment: environment, workingDirectory: workingDirectory)
        spawn.group = .own
        spawn.announcement = guardian?.announcement
        let child = try isAlone ? startAlone(&spawn) : startBeside(&spawn, output)
        running.append(Running(child: child))
        return child
    }

    private mutating func startAlone(_ spawn: inout Spawn) throws -> ChildProcess {
        // One that isn't our session's (under `setsid`) knows no foreground, and stops no process.
        let input = Terminal.standardInput.flatMap { $0.foregroundGroup == nil ? nil : $0 }
        terminal = TerminalShare(input)
        policy = ForegroundPolicy(.alone(hasTerminal: input != nil))
        spawn.keepsIgnoredSignals = true
        spawn.foregroundTerminal = terminal?.forStart
        // A child that can never be in the foreground would be stopped when it reads.
        let null = try input != nil && terminal == nil ? NullDevice.open() : nil
        defer { try? null?.close() }
        if let null { spawn.standardInput = null }
        do {
            return try spawn.start()
        } catch {
            if spawn.foregroundTerminal != nil { terminal?.reclaim() }
            throw error
        }
    }

    private func startBeside(
        _ spawn: inout Spawn,
        _ output: FileDescriptor?,
    ) throws -> ChildProcess {
        let null = try NullDevice.open()
        defer { try? null.close() }
        spawn.standardInput = null
        if let output {
            spawn.standardOutput = output
            spawn.standardError = output
        }
        return try spawn.start()
    }

    /// Awaits the ends of all commands, and ends what each leaves of its group; the result is the
    /// last one's end.
    ///
    /// `watch` is called with the PID of a command now and then while it runs, beginning at once;
    /// it returns how long to wait before the next call, or nil if it has seen enough until it is
    /// asked again.
    @discardableResult
    package mutating func wait(
        watch: (Int32) -> Duration? = { _ in nil },
        whenEnded: (Int32, ProcessEnd) -> Void = { _, _ in },
    ) throws(SystemError) -> ProcessEnd {
        var last = ProcessEnd.exited(0)
        while true {
            if let (child, change) = try nextChange() {
                for action in policy.childChanged(change) { try perform(action, on: child) }
                if case .ended(let end) = change {
                    last = end
                    whenEnded(child.pid, end)
                }
                continue
            }
            guard !running.isEmpty else { return last }
            if watchNext(watch) { continue }
            let actions: [ForegroundPolicy.Action]
            switch nextSignal() {
            case .childChanged?: continue
            case Self.lookAgain?:
                for index in running.indices { running[index].nextWatch = .now }
                continue
            case let signal?: actions = policy.receive(signal, now: .now)
            case nil: actions = policy.deadlinePassed(now: .now)
            }
            for action in actions { try perform(action, on: nil) }
        }
    }

    private func nextChange() throws(SystemError) -> (ChildProcess, ProcessChange)? {
        for command in running {
            if let change = try command.child.change() { return (command.child, change) }
        }
        return nil
    }

    private mutating func watchNext(_ watch: (Int32) -> Duration?) -> Bool {
        let due = running.firstIndex { $0.nextWatch.map { $0 <= .now } ?? false }
        guard let due else { return false }
        let pause = watch(running[due].child.pid)
        running[due].nextWatch = pause.map { .now.advanced(by: $0) }
        return true
    }

    /// Nil once it is time to look at something.
    private func nextSignal() -> Signal? {
        let deadlines = running.compactMap(\.nextWatch) + [policy.deadline].compactMap(\.self)
        guard let deadline = deadlines.min() else { return signals.next() }
        return signals.next(timeout: ContinuousClock.now.duration(to: deadline))
    }

    private mutating func perform(
        _ action: ForegroundPolicy.Action,
        on child: ChildProcess?,
    ) throws(SystemError) {
        switch action {
        case .send(let signal): send(signal)
        case .stop(let signal, let wholeGroup):
            if isAlone, let command = running.first { terminal?.takeBack(from: command.child) }
            signals.stop(with: signal, wholeGroup: wholeGroup)
            resume()
        case .resume: resume()
        case .finish: if let child { try finish(child) }
        }
    }

    private func send(_ signal: Signal) {
        for command in running { ProcessGroup(of: command.child).send(signal) }
    }

    private mutating func resume() {
        if isAlone, let command = running.first { terminal?.lend(to: command.child) }
        send(.continue)
    }

    private mutating func finish(_ child: ChildProcess) throws(SystemError) {
        running.removeAll { $0.child.pid == child.pid }
        // Before the child is reaped: until then its group's number can't be another group's.
        if isAlone {
            terminal?.takeBack(from: child)
            Termination(groupOf: child).run(grace: .seconds(2), signals: signals)
        } else {
            // The others are not kept waiting.
            ProcessGroup(of: child).send(.terminate)
        }
        guardian?.forget(child)
        try child.reap()
    }
}
