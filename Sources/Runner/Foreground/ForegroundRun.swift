package import HostSystem
package import SystemPackage

/// Commands in the terminal: one that runs as if nothing stood between it and the shell, or
/// several side by side.
///
/// Single-threaded and synchronous: every event arrives as a signal.
package struct ForegroundRun {
    /// The signals that the program opens its queue with, before it does anything else.
    package static let signals: Set<Signal> = [
        .childChanged, .continue, .hangUp, .interrupt, .quit, .terminalStop, .terminate, .user1,
        .user2, .windowChanged, lookAgain,
    ]

    /// The signal that the proxy sends after an app refused a request, so that `watch` is called
    /// again.
    package static let lookAgain = Signal.urgent

    /// What a command writes to in place of the run's own output and error.
    package struct Outputs: Sendable {
        package let output: FileDescriptor
        package let error: FileDescriptor

        package init(output: FileDescriptor, error: FileDescriptor) {
            self.output = output
            self.error = error
        }

        package func close() {
            try? output.close()
            try? error.close()
        }
    }

    /// The caller's callbacks while commands run; each gets the PID of a command.
    package struct Observer {
        /// Called repeatedly, at once for the first time; returns the pause before the next call,
        /// or nil to be called no more until the proxy reports a refusal.
        package var watch: (Int32) -> Duration? = { _ in nil }
        /// Whether one of these processes, which a command left in the background when it exited
        /// successfully, serves for it; the run then goes on.
        package var servesInBackground: ((Int32, Set<ProcessIdentity>) -> Bool)?
        package var ended: (Int32, ProcessEnd) -> Void = { _, _ in }
        /// Called every few seconds while any command runs.
        package var tend: () -> Void = {}

        package init() {}
    }

    /// Whether a command of a run has started a process, wherever that went since.
    package static func isMarked(_ pid: Int32, by run: ProcessIdentity) -> Bool {
        ProcessDetails.environment(of: pid)?[RunningCommand.marker]?
            .hasPrefix(RunningCommand.mark(of: run)) == true
    }

    private static let tendingPause = Duration.seconds(5)

    private let signals: SignalQueue
    private let guardian: GuardianLink?
    private let isAlone: Bool
    private let killTimeout: Duration?
    private var running: [RunningCommand] = []
    /// The descendants that outlived commands of a run side by side.
    private var leftovers: [Termination] = []
    private var terminal: TerminalShare?
    private var sentinel: InterruptSentinel?
    private var policy: ForegroundPolicy
    private var lastEnd = ProcessEnd.exited(0)

    /// A run of one command if it is `alone`, else of any number; with nil as `killTimeout`
    /// commands may take as long to end as they like.
    package init(
        alone: Bool,
        signals: SignalQueue,
        guardian: GuardianLink?,
        killTimeout: Duration? = ForegroundPolicy.usualKillTimeout,
    ) {
        self.signals = signals
        self.guardian = guardian
        self.killTimeout = killTimeout
        isAlone = alone
        policy = ForegroundPolicy(.sideBySide, killTimeout: killTimeout)
    }

    /// The end that the run is reported with where a signal had to be enforced.
    package var forcedEnd: ProcessEnd? { policy.forcedEnd }

    private var endSignal: Signal? { policy.endSignal }

    /// Starts a command that has its output to itself.
    @discardableResult
    package mutating func start(
        _ command: ShellCommand,
        environment: [String: String],
        workingDirectory: FilePath? = nil,
        outputs: Outputs? = nil,
    ) throws -> ChildProcess {
        precondition(!isAlone || running.isEmpty, "one command runs alone")
        let mark = RunningCommand.mark(number: running.count)
        var spawn = command.spawn(
            environment: environment.merging(mark) { $1 },
            workingDirectory: workingDirectory,
        )
        spawn.group = .own
        spawn.announcement = guardian?.announcement
        let child = try isAlone ? startAlone(&spawn) : startBeside(&spawn, outputs)
        running.append(RunningCommand(child, mark: mark))
        return child
    }

    private mutating func startAlone(_ spawn: inout Spawn) throws -> ChildProcess {
        // One that isn't our session's (under `setsid`) knows no foreground, and stops no process.
        let input = Terminal.standardInput.flatMap { $0.foregroundGroup == nil ? nil : $0 }
        terminal = TerminalShare(input)
        policy = ForegroundPolicy(.alone(hasTerminal: input != nil), killTimeout: killTimeout)
        spawn.keepsIgnoredSignals = true
        spawn.foregroundTerminal = terminal?.forStart
        // A child that can never be in the foreground would be stopped when it reads.
        let null = try input != nil && terminal == nil ? NullDevice.open() : nil
        defer { try? null?.close() }
        if let null { spawn.standardInput = null }
        do {
            let child = try spawn.start()
            if terminal != nil { sentinel = try? InterruptSentinel(inGroupOf: child) }
            return child
        } catch {
            if spawn.foregroundTerminal != nil { terminal?.reclaim() }
            throw error
        }
    }

    private func startBeside(
        _ spawn: inout Spawn,
        _ outputs: Outputs?,
    ) throws -> ChildProcess {
        let null = try NullDevice.open()
        defer { try? null.close() }
        spawn.standardInput = null
        if let outputs {
            spawn.standardOutput = outputs.output
            spawn.standardError = outputs.error
        }
        return try spawn.start()
    }

    /// Waits for all commands, ends the descendants of each, and returns the last command's end.
    @discardableResult
    package mutating func wait(
        _ observer: Observer = Observer()
    ) throws(SystemError) -> ProcessEnd {
        var nextTending = ContinuousClock.now.advanced(by: Self.tendingPause)
        while true {
            if sentinel?.takePress() == true {
                for action in policy.receivePress(now: .now) { perform(action) }
            }
            if let (index, change) = try nextChange() {
                for action in policy.childChanged(change) {
                    if case .finish(let end) = action {
                        try commandEnded(index, with: end, observer)
                    } else {
                        perform(action)
                    }
                }
                continue
            }
            guard !running.isEmpty else {
                for index in leftovers.indices { end(&leftovers[index]) }
                return lastEnd
            }
            if nextTending <= .now {
                observer.tend()
                nextTending = .now.advanced(by: Self.tendingPause)
            }
            if try watchNext(observer) { continue }
            let actions: [ForegroundPolicy.Action]
            switch nextSignal(before: nextTending) {
            case .childChanged?:
                // It may be one that the caller has started.
                nextTending = min(nextTending, .now)
                lookAtBackground()
                continue
            case Self.lookAgain?:
                for index in running.indices { running[index].nextWatch = .now }
                continue
            case let signal?: actions = policy.receive(signal, now: .now)
            case nil: actions = policy.deadlinePassed(now: .now)
            }
            if actions == [.giveUp] { return giveUp(observer) }
            for action in actions { perform(action) }
            lookAtBackground()
        }
    }

    private func nextChange() throws(SystemError) -> (Int, ProcessChange)? {
        for index in running.indices where !running[index].hasEnded {
            if let change = try running[index].child.change() { return (index, change) }
        }
        return nil
    }

    private mutating func watchNext(_ observer: Observer) throws(SystemError) -> Bool {
        let due = running.firstIndex { $0.nextWatch.map { $0 <= .now } ?? false }
        guard let due else { return false }
        let pid = running[due].child.pid
        if running[due].hasEnded {
            let pause = running[due].lookAtBackground(isEnding: endSignal != nil) {
                observer.servesInBackground?(pid, $0) ?? false
            }
            running[due].nextWatch = pause.map { .now.advanced(by: $0) }
            if pause == nil {
                try finish(
                    due,
                    with: endSignal.map { .signalled($0) } ?? .exited(0),
                    observer,
                )
            }
        } else {
            running[due].left.note()
            let pause = observer.watch(pid)
            running[due].nextWatch = pause.map { .now.advanced(by: $0) }
        }
        return true
    }

    /// A process that isn't our child may have exited.
    private mutating func lookAtBackground() {
        for index in running.indices where running[index].hasEnded {
            running[index].nextWatch = .now
        }
    }

    /// Nil once a deadline has passed.
    private func nextSignal(before nextTending: ContinuousClock.Instant) -> Signal? {
        let deadlines = running.compactMap(\.nextWatch) + [policy.deadline].compactMap(\.self)
        let deadline = deadlines.reduce(nextTending, min)
        return signals.next(timeout: ContinuousClock.now.duration(to: deadline))
    }

    private mutating func perform(_ action: ForegroundPolicy.Action) {
        switch action {
        case .send(let signal): send(signal)
        case .sendToAll(let signal):
            for index in running.indices { running[index].left.send(signal) }
        case .stop(let signal, let wholeGroup):
            if isAlone, let command = running.first { terminal?.takeBack(from: command.child) }
            signals.stop(with: signal, wholeGroup: wholeGroup)
            resume()
        case .resume: resume()
        // These need the observer.
        case .finish, .giveUp: break
        }
    }

    private mutating func send(_ signal: Signal) {
        for index in running.indices { running[index].send(signal) }
    }

    private mutating func resume() {
        if isAlone, let command = running.first { terminal?.lend(to: command.child) }
        send(.continue)
    }

    // MARK: Ends

    private mutating func commandEnded(
        _ index: Int,
        with end: ProcessEnd,
        _ observer: Observer,
    ) throws(SystemError) {
        sentinel?.end()
        if isAlone { terminal?.takeBack(from: running[index].child) }
        // A server that went into the background may need a moment until it listens.
        guard end == .exited(0), endSignal == nil, observer.servesInBackground != nil else {
            running[index].noteMarked()
            return try finish(index, with: end, observer)
        }
        running[index].goIntoBackground(guardian)
    }

    private mutating func finish(
        _ index: Int,
        with end: ProcessEnd,
        _ observer: Observer,
    ) throws(SystemError) {
        var command = running.remove(at: index)
        // Before the child is reaped: until then its group's number can't be another group's.
        if isAlone {
            self.end(&command.left)
        } else {
            // The others are not kept waiting.
            command.left.send(.terminate)
            leftovers.append(command.left)
        }
        guardian?.forget(command.child)
        try command.child.reap()
        lastEnd = policy.end(of: end)
        observer.ended(command.child.pid, lastEnd)
    }

    private func end(_ left: inout Termination) {
        let grace = policy.deadline.map { max(.zero, ContinuousClock.now.duration(to: $0)) }
        left.run(grace: grace ?? ForegroundPolicy.usualKillTimeout / 2, signals: signals)
    }

    private mutating func giveUp(_ observer: Observer) -> ProcessEnd {
        let end = policy.end(of: .signalled(.kill))
        for command in running { observer.ended(command.child.pid, end) }
        running = []
        return end
    }
}

/// A command of a run, with its descendants.
private struct RunningCommand {
    /// Set in the environment of the command, so that its descendants are found wherever they went.
    fileprivate static let marker = "PORTLESS_RUN"
    /// How long the run waits for a descendant in the background to serve before it ends.
    private static let backgroundPatience = Duration.seconds(3)

    let child: ChildProcess
    private let mark: [String: String]
    var left: Termination
    var nextWatch: ContinuousClock.Instant? = .now
    /// The command itself has exited; it isn't reaped before the run ends, so that no other group
    /// gets its number.
    private(set) var hasEnded = false
    private var lastService = ContinuousClock.now

    init(_ child: ChildProcess, mark: [String: String]) {
        self.child = child
        self.mark = mark
        left = Termination(of: child)
    }

    static func mark(number: Int) -> [String: String] {
        [marker: mark(of: .current) + String(number)]
    }

    /// What the marks of all commands of a run begin with.
    static func mark(of run: ProcessIdentity) -> String { "\(run.pid).\(run.startTime ?? 0)." }

    mutating func send(_ signal: Signal) {
        guard !hasEnded else { return left.send(signal) }
        left.note()
        ProcessGroup(of: child).send(signal)
    }

    mutating func goIntoBackground(_ guardian: GuardianLink?) {
        hasEnded = true
        lastService = .now
        nextWatch = .now
        noteMarked()
        for process in left.survivors() { guardian?.watch(process) }
    }

    /// Finds the descendants that have left the group and lost their parents, as daemons do.
    mutating func noteMarked() {
        let marked = ProcessTree.current().processes.filter { process in
            let environment = ProcessDetails.environment(of: process.pid)
            return mark.allSatisfy { environment?[$0.key] == $0.value }
        }
        left.note(Set(marked))
    }

    /// The time until the next look; nil once the run has no reason to go on.
    mutating func lookAtBackground(
        isEnding: Bool,
        serves: (Set<ProcessIdentity>) -> Bool,
    ) -> Duration? {
        let survivors = left.survivors()
        guard !survivors.isEmpty else { return nil }
        if isEnding { return .milliseconds(100) }
        if serves(survivors) {
            lastService = .now
            return .seconds(1)
        }
        return lastService.duration(to: .now) < Self.backgroundPatience ? .milliseconds(100) : nil
    }
}
