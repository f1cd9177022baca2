import HostSystem
import PortlessCore
import Runner
import Synchronization
import SystemPackage

/// Tells how processes come up, until each of them is up or has failed.
final class StartProgress: Sendable {
    /// What is waited for besides that each process listens or has failed.
    struct Goal {
        /// Whether servers have to answer.
        var awaitsAnswers = false
        /// Nil: as long as it takes.
        var limit: WaitLimit?
        /// Ends the waiting, and nothing else.
        var interruptions: SignalPipe?
    }

    private struct State {
        var watch: StartWatch
        /// What was said of each process last.
        var told: [String: [String]] = [:]
        var isOver = false
        var isFollowing = false
        /// Why the server tells nothing more.
        var error: (any Error)?
    }

    private static let pause = Duration.milliseconds(100)
    private static let look = Duration.milliseconds(500)
    private static let shownLines = 15
    /// After which times it says what is still waited for.
    private static let delays = [Duration.seconds(5), .seconds(15)]
    /// How long a server may take to answer before that is said.
    private static let answerTime = Duration.seconds(1)

    private let context: CommandContext
    private let apps: SupervisedApps
    private let app: String
    private let goal: Goal
    private let since: Timestamp
    private let state: Mutex<State>
    private let wake: Pipe

    /// Follows the processes called `names`; nil for all of the app.
    ///
    /// `since` is when they were asked to start: what they wrote before is another time's.
    init(
        _ context: CommandContext,
        asking apps: SupervisedApps,
        app: String,
        names: [String]?,
        awaitsOthers: Bool = true,
        goal: Goal = Goal(),
        since: Timestamp,
    ) throws {
        self.context = context
        self.apps = apps
        self.app = app
        self.goal = goal
        self.since = since
        let watch = StartWatch(
            names: names,
            awaitsOthers: awaitsOthers,
            awaitsAnswers: goal.awaitsAnswers,
        )
        state = Mutex(State(watch: watch))
        wake = try Pipe()
        try NonBlocking.set(wake.reading)
        try NonBlocking.set(wake.writing)
    }

    /// Not earlier: a probe that is under way still writes to it.
    deinit {
        try? wake.reading.close()
        try? wake.writing.close()
    }

    /// Waits, and tells the last lines of what has failed.
    func await() throws -> Outcome {
        let plan = goal.awaitsAnswers ? try readPlan() : nil
        state.withLock { $0.watch.plan = plan }
        take(try apps.app(app))
        defer { state.withLock { $0.isOver = true } }
        let outcome = try decided()
        tell(outcome)
        return outcome
    }

    /// What is known of the app and its processes after `await`.
    func report(_ outcome: Outcome) -> WaitReport.App {
        let (watch, now) = (state.withLock { $0.watch }, ContinuousClock.now)
        return WaitReport.App(
            name: watch.app?.name.description ?? app,
            kind: .supervised,
            directory: watch.app?.directory,
            processes: watch.processes.map { process in
                let own: Outcome? =
                    switch watch.standing(of: process, at: now) {
                    case .up: .ready
                    case .failed(let outcome): outcome
                    case .coming: outcome == .timedOut ? .timedOut : nil
                    }
                let problem = watch.servers[process.name]?.problem.map { "It \($0)." }
                return WaitReport.Process(
                    process,
                    outcome: own,
                    problem: problem ?? process.reason,
                    lastLines: own == .ready ? [] : lastLines(of: process.name).map(\.text),
                )
            },
        )
    }

    private func readPlan() throws -> SupervisionPlan? {
        guard let name = try? AppName(parsing: app) else { return nil }
        return try KeeperFolder(of: name, in: context.stateDirectory()).readPlan()
    }

    // MARK: Waiting

    private func decided() throws -> Outcome {
        let began = ContinuousClock.now
        var delays = Self.delays[...]
        var wasYoung = false
        while true {
            let now = ContinuousClock.now
            let (outcome, youth, error) = state.withLock { state in
                (state.watch.outcome(at: now), state.watch.youth(at: .now), state.error)
            }
            if let error { throw error }
            if let outcome, youth == nil {
                guard wasYoung else { return outcome }
                // The events may tell less than there is to know after its youth.
                wasYoung = false
                take(try apps.app(app))
                continue
            }
            if let end = goal.limit?.end, end <= now { return outcome ?? .timedOut }
            if goal.interruptions?.received().isEmpty == false { return .interrupted }
            // An agent that has given up its call.
            try Task.checkCancellation()
            if let delay = delays.first, began.advanced(by: delay) <= now {
                delays.removeFirst()
                tellDelays()
            }
            if outcome != nil, let youth {
                wasYoung = true
                pause(for: youth)
                continue
            }
            follow()
            ask(now)
            tellAnswers(isLate: began.duration(to: now) >= Self.answerTime)
            let next = [
                state.withLock { $0.watch.nextLook }, goal.limit?.end,
                delays.first.map(began.advanced(by:)),
                began.advanced(by: Self.answerTime) > now
                    ? began.advanced(by: Self.answerTime) : nil,
            ]
            let rest = next.compactMap(\.self).min().map { now.duration(to: $0) }
            // Nothing tells of a cancelled call.
            let isCall = goal.awaitsAnswers && goal.interruptions == nil
            pause(for: isCall ? min(rest ?? Self.look, Self.look) : rest)
        }
    }

    /// Until an event, a signal or the time.
    private func pause(for duration: Duration?) {
        var poll = Poll()
        poll.add(wake.reading, .reading)
        if let signals = goal.interruptions { poll.add(signals.reading, .reading) }
        let ready = poll.wait(timeout: duration)
        guard ready[wake.reading] != nil else { return }
        var bytes = [UInt8](repeating: 0, count: 256)
        while let count = try? bytes.withUnsafeMutableBytes({ try wake.reading.read(into: $0) }),
            count == bytes.count
        {}
    }

    private func wakeUp() {
        // A full pipe wakes as well.
        _ = try? wake.writing.writeAll([0])
    }

    /// Takes the server's events, and those of the next server, on a thread that ends soon after
    /// the waiting.
    private func follow() {
        let isFollowing = state.withLock { state in
            defer { state.isFollowing = true }
            return state.isFollowing
        }
        guard !isFollowing else { return }
        SystemThread.start { [self] in
            while !state.withLock({ $0.isOver }) {
                do {
                    try apps.server.events(of: "/api/events?app=\(app)") { [self] event in
                        let isOver = state.withLock { $0.isOver }
                        if !isOver, let new = state.withLock({ $0.watch.app(after: event) }) {
                            take(new)
                            wakeUp()
                        }
                        return !isOver
                    }
                } catch {
                    state.withLock { $0.error = error }
                    return wakeUp()
                }
                // The server has gone; the next one tells the rest.
                SystemClock.sleep(for: Self.pause)
            }
        }
    }

    private func ask(_ now: ContinuousClock.Instant) {
        for (process, pid, probe) in state.withLock({ $0.watch.due(at: now) }) {
            SystemThread.start { [self] in
                let answer = probe.ask()
                state.withLock { state in
                    state.watch.answered(answer, of: process, pid: pid, probe: probe, now: .now)
                }
                wakeUp()
            }
        }
    }

    // MARK: Telling

    /// Says what has changed.
    private func take(_ app: SupervisedApp?) {
        let lines = state.withLock { state in
            state.watch.take(app, now: .now)
            return state.watch.processes.compactMap { process -> SupervisedProcess? in
                guard StartWatch.youth(process, at: .now) == nil else { return nil }
                let holdup = StartWatch.isHeldUp(process) ? process.reason : nil
                let stage = [process.state.rawValue, process.waitsFor ?? "", holdup ?? ""]
                return state.told.updateValue(stage, forKey: process.name) == stage ? nil : process
            }
        }
        for process in lines { context.console.say(styled: context.console.line(of: process)) }
    }

    /// Says what a server does instead of answering, and that it answers after all.
    private func tellAnswers(isLate: Bool) {
        let lines = state.withLock { state -> [StyledText] in
            state.watch.servers.sorted { $0.key < $1.key }.compactMap { name, server in
                let key = "answer of \(name)"
                let news = server.isReady ? "answers" : server.problem
                guard let news, news != state.told[key]?.first, isLate || state.told[key] != nil,
                    !server.isReady || state.told[key] != nil
                else { return nil }
                state.told[key] = [news]
                return server.isReady
                    ? "  \(name) answers"
                    : context.console.style.dim("  \(name) isn't ready: it \(news)")
            }
        }
        for line in lines { context.console.say(styled: line) }
    }

    private func tellDelays() {
        for process in state.withLock({ $0.watch.processes }) {
            guard let line = delay(of: process) else { continue }
            context.console.say(styled: context.console.style.dim(line))
        }
    }

    /// What a process that runs hasn't done yet; nil where it isn't the one that is waited for.
    private func delay(of process: SupervisedProcess) -> String? {
        guard process.state == .starting, process.pid != nil, process.waitsFor == nil,
            !StartWatch.isHeldUp(process)
        else { return nil }
        let ports = process.primaryPort.map { [$0] } ?? process.ports.map(\.port)
        guard !ports.isEmpty else { return nil }
        let list = ports.map(\.description).joined(separator: " or ")
        let line = lastLines(of: process.name).last { line in
            line.stream != .note && process.startedAt.map { line.time >= $0 } ?? true
        }
        let output = line.map { "its last line is: \($0.text)" }
        return "  \(process.name) doesn't listen on port \(list) yet; "
            + (output ?? "it has printed nothing")
    }

    private func tell(_ outcome: Outcome) {
        let (watch, now) = (state.withLock { $0.watch }, ContinuousClock.now)
        let console = context.console
        if outcome == .interrupted {
            return console.say(
                "\(app) goes on in the background. To end it: portless down \(app)"
            )
        }
        if outcome == .timedOut, let limit = goal.limit {
            for process in watch.processes where watch.standing(of: process, at: now) == .coming {
                let problem = watch.servers[process.name]?.problem.map { ": it \($0)" }
                let sentence = "\(process.name) of \(app) isn't ready after \(limit.text)"
                console.report(
                    Failure(
                        "\(sentence)\(problem ?? ": it is \(process.state.title)").",
                        remedy: """
                            Give it more time (up --wait=120, wait --timeout 120), or read what it \
                            says: portless logs \(app)
                            """,
                    )
                )
            }
        }
        let failed = watch.processes.filter { process in
            switch watch.standing(of: process, at: now) {
            case .up: false
            case .coming: outcome == .timedOut
            case .failed: true
            }
        }
        // What is waited for is the one that may say why.
        for name in Set(failed.map { $0.waitsFor ?? $0.name }).sorted() {
            let lines = lastLines(of: name)
            guard !lines.isEmpty else { continue }
            console.say("The last lines of \(name):")
            for line in lines { console.say(styled: "  " + console.style.dim(line.text)) }
        }
    }

    /// Those of this start, where it wrote any.
    private func lastLines(of process: String) -> [LogLine] {
        guard let app = state.withLock({ $0.watch.app?.name }),
            let directory = try? context.stateDirectory()
        else { return [] }
        let files = KeeperFolder(of: app, in: directory).logFiles(of: [process])
        let lines = LogExcerpt(of: files, last: Self.shownLines).suffix(Self.shownLines)
        let new = lines.filter { $0.time >= since }
        return Array(new.isEmpty ? lines[...] : new[...])
    }
}

/// Until when something is waited for.
struct WaitLimit {
    /// Without a number of the user's.
    static let usualSeconds = 60

    let seconds: Int
    let end: ContinuousClock.Instant

    init(seconds: Int) {
        self.seconds = seconds
        end = .now.advanced(by: .seconds(seconds))
    }

    /// Reads what the user wrote after `flag`.
    init(argument text: String, of flag: String) throws {
        guard let seconds = Int(text), (1...86_400).contains(seconds) else {
            throw Failure(
                "\(flag) takes a number of seconds from 1 to 86400, and not \"\(text)\"."
            )
        }
        self.init(seconds: seconds)
    }

    var text: String { seconds == 1 ? "1 second" : "\(seconds) seconds" }
}

extension Console {
    /// How a process in the background is, as a line.
    fileprivate func line(of process: SupervisedProcess) -> StyledText {
        let name = "  \(process.name)"
        let reason = process.reason
        switch process.state {
        case .online:
            return "\(name) is \(process.stateTitle)\(reason.map { " (\($0))" } ?? "")"
        case .errored, .crashLooping:
            // One that runs again has no reason of its own.
            let end = process.lastExit.map { "It \($0.phrase)." }
            return style.red("\(name) is \(process.state.title): \(reason ?? end ?? "no reason")")
        case .starting where process.isHeldUp:
            return style.red("\(name) waits: \(reason ?? "no reason")")
        case .starting:
            guard let other = process.waitsFor else { return style.dim("\(name) is starting") }
            return reason.map { style.red("\(name) isn't started: \($0)") }
                ?? style.dim("\(name) waits for \(other)")
        case .stopped where process.lastExit?.wasRequested == false:
            return style.dim("\(name) is done")
        default: return style.dim("\(name) is \(process.state.title)")
        }
    }
}
