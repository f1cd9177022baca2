import HostSystem

/// The state machine of one supervised process.
///
/// The keeper tells it events, with their instants, and carries out the actions that it returns.
package struct ProcessLife: Sendable {
    package typealias Instant = ContinuousClock.Instant

    package enum Action: Hashable, Sendable {
        /// Start the program, then call `spawned` or `couldNotSpawn`.
        case spawn
        /// Ask the process, and all that it started, to end.
        case terminate
        /// End the process, and all that it started, by force.
        case kill
        /// Treat the descendants that still run in the background as the process.
        case adoptSurvivors
        /// Write a line to the log.
        case note(String)
    }

    enum Phase: Hashable, Sendable {
        case resting(ProcessState)
        /// Others have to be online first.
        case waiting
        case running(since: Instant, isReady: Bool)
        case ending(Ending)
        /// Will be started again.
        case pausing(until: Instant)
    }

    struct Ending: Hashable, Sendable {
        enum Next: Hashable, Sendable {
            case rest(ProcessState)
            case start
            /// It ended by itself, and its exit code decides.
            case decide(ProcessExit.Cause, uptime: Duration)
        }

        var next: Next
        /// When it is killed, or given up after that.
        var deadline: Instant
        var wasKilled = false
    }

    /// How long SIGKILL may take.
    private static let killPatience = Duration.seconds(2)
    private static let shortagePause = Duration.seconds(1)
    /// This many early exits in a row are a crash loop.
    private static let loopLength = 3

    private let settings: RestartSettings
    private let killTimeout: Duration
    private let timeLimit: Duration?
    private let endsWithCommand: Bool
    package let dependencies: [String]
    private(set) var phase = Phase.resting(.notStarted)
    private var lastPause: Duration?
    /// The shortage that prevented the last start.
    private var shortage: String?
    package private(set) var restarts = 0
    package private(set) var unstableRestarts = 0
    package private(set) var reason: String?
    /// Whether it counts as online although it didn't listen in time.
    package private(set) var isLate = false
    /// Whether it is ended, or was, because it ran too long.
    package private(set) var hasTimedOut = false
    /// The dependency that it waits for: the late one, if one holds it up.
    package private(set) var awaited: String?

    package init(_ plan: PlannedProcess) {
        settings = plan.restart
        killTimeout = plan.killTimeout
        timeLimit = plan.timeLimit
        endsWithCommand = plan.endsWithCommand
        dependencies = plan.dependencies
    }

    // MARK: State

    package func state(now: Instant) -> ProcessState {
        switch phase {
        case .resting(let state): state
        case .waiting: .starting
        case .pausing: isLooping ? .crashLooping : .starting
        case .ending(let ending):
            switch ending.next {
            case .decide: isLooping ? .crashLooping : .starting
            case .rest, .start: .stopping
            }
        case .running(let since, let isReady):
            if isLooping, since.duration(to: now) < settings.minimumUptime {
                .crashLooping
            } else {
                isReady ? .online : .starting
            }
        }
    }

    /// Whether a start that was asked for has been tried.
    package var isSettled: Bool {
        if case .ending(let ending) = phase, ending.next == .start { false } else { true }
    }

    package var isResting: Bool {
        if case .resting = phase { true } else { false }
    }

    package var isWaiting: Bool { phase == .waiting }

    /// Whether it can't be started until another process gives back a resource.
    package var isHeldUp: Bool {
        if case .pausing = phase { shortage != nil } else { false }
    }

    /// Whether an exit now was requested.
    package var expectsEnd: Bool {
        guard case .ending(let ending) = phase else { return false }
        if case .decide = ending.next { return false }
        return true
    }

    /// When `deadlinePassed` has to be called next.
    package var deadline: Instant? {
        switch phase {
        case .ending(let ending): ending.deadline
        case .pausing(let until): until
        // The state changes by itself once the loop is over.
        case .running(let since, _) where isLooping: since.advanced(by: settings.minimumUptime)
        case .running(let since, _): timeLimit.map { since.advanced(by: $0) }
        case .resting, .waiting: nil
        }
    }

    // MARK: Requests

    package mutating func start(now: Instant) -> [Action] {
        switch phase {
        case .resting, .pausing:
            unstableRestarts = 0
            lastPause = nil
            return begin()
        case .ending(var ending):
            ending.next = .start
            phase = .ending(ending)
            return []
        case .waiting, .running:
            return []
        }
    }

    package mutating func stop(now: Instant) -> [Action] {
        switch phase {
        case .resting(let state):
            // It may run where the keeper can't reach it.
            guard state != .unknown else { return [] }
            // A user who stops a process that has failed has seen the failure.
            phase = .resting(state == .notStarted ? .notStarted : .stopped)
            reason = nil
            return []
        case .waiting, .pausing:
            rest(.stopped, reason: nil)
            return []
        case .running:
            return end(.rest(.stopped), now: now)
        case .ending(var ending):
            ending.next = .rest(.stopped)
            phase = .ending(ending)
            return []
        }
    }

    /// Ends it by force at once.
    package mutating func kill(now: Instant) -> [Action] {
        let actions = stop(now: now)
        guard case .ending(var ending) = phase else { return actions }
        ending.wasKilled = true
        ending.deadline = now.advanced(by: Self.killPatience)
        phase = .ending(ending)
        return [.kill]
    }

    package mutating func restart(now: Instant) -> [Action] {
        guard case .running = phase else { return start(now: now) }
        unstableRestarts = 0
        lastPause = nil
        restarts = restarts.saturatingAdd(1)
        return end(.start, now: now)
    }

    /// Restarts count from here on.
    package mutating func forgetRestarts() { restarts = 0 }

    // MARK: Events

    /// Its dependencies are online.
    package mutating func dependenciesMet() -> [Action] {
        guard phase == .waiting else { return [] }
        return begin(isFree: true)
    }

    /// It waits for `dependency`; `late` is that one, or the one that it waits for itself, if that
    /// wasn't ready in time, and `problem` what that one does instead.
    package mutating func waits(
        for late: String?,
        on dependency: String? = nil,
        problem: String? = nil,
    ) {
        guard phase == .waiting else { return }
        awaited = late ?? dependency
        reason = late.map { late in
            let words = problem.map { "isn't healthy: it \($0)" } ?? "doesn't listen yet"
            return "It waits for \(late), which \(words)."
        }
    }

    package mutating func dependencyFailed(_ name: String) -> [Action] {
        guard phase == .waiting else { return [] }
        rest(.errored, reason: "It waits for \(name), which has failed.")
        return [.note("not started: \(name), which it depends on, has failed")]
    }

    /// Restores the state from an earlier keeper; the process doesn't run.
    package mutating func restore(
        _ state: ProcessState,
        restarts: Int,
        unstableRestarts: Int,
        reason: String?,
    ) {
        self.restarts = restarts
        self.unstableRestarts = unstableRestarts
        rest(state, reason: reason)
    }

    /// It runs; it isn't ready until it listens on its ports.
    package mutating func spawned(isReady: Bool, now: Instant) {
        phase = .running(since: now, isReady: isReady)
        isLate = false
        hasTimedOut = false
        shortage = nil
        reason = nil
    }

    package mutating func couldNotSpawn(_ problem: String) -> [Action] {
        rest(.errored, reason: problem)
        return [.note(problem)]
    }

    /// The system is short of a resource: the start is retried until it works.
    package mutating func couldNotSpawnYet(_ problem: String, now: Instant) -> [Action] {
        let isNew = shortage != problem
        shortage = problem
        phase = .pausing(until: now.advanced(by: Self.shortagePause))
        reason = problem
        return isNew ? [.note("\(problem) Tried again until it works.")] : []
    }

    package mutating func becameReady(reason: String? = nil) {
        guard case .running(let since, _) = phase else { return }
        phase = .running(since: since, isReady: true)
        isLate = false
        self.reason = reason
    }

    /// It didn't listen in time; processes that depend on it go on waiting.
    package mutating func becameLate(reason: String) {
        becameReady(reason: reason)
        isLate = true
    }

    /// Its memory is above the limit.
    package mutating func exceededMemory(now: Instant) -> [Action] {
        guard case .running = phase else { return [] }
        restarts = restarts.saturatingAdd(1)
        return [.note("uses more memory than max_memory_restart allows; started again")]
            + end(.start, now: now)
    }

    /// The process itself has ended; `hasSurvivors` tells whether descendants still run.
    package mutating func ended(
        _ cause: ProcessExit.Cause,
        hasSurvivors: Bool,
        now: Instant,
    ) -> [Action] {
        switch phase {
        case .running(let since, _):
            let uptime = since.duration(to: now)
            guard hasSurvivors else { return decide(cause, uptime: uptime, now: now) }
            // The program has put itself in the background.
            if cause == .code(0), !endsWithCommand { return [.adoptSurvivors] }
            return end(.decide(cause, uptime: uptime), now: now)
        case .ending where !hasSurvivors:
            return gone(now: now)
        case .ending, .resting, .waiting, .pausing:
            return []
        }
    }

    /// Neither the process nor a descendant is left.
    package mutating func gone(now: Instant) -> [Action] {
        guard case .ending(let ending) = phase else { return [] }
        switch ending.next {
        case .rest(let state):
            let limit = hasTimedOut ? timeLimit : nil
            rest(state, reason: limit.map { "It ran longer than \($0.milliseconds) ms." })
            return []
        case .start: return begin()
        case .decide(let cause, let uptime): return decide(cause, uptime: uptime, now: now)
        }
    }

    package mutating func deadlinePassed(now: Instant) -> [Action] {
        guard let deadline, deadline <= now else { return [] }
        switch phase {
        case .pausing: return begin()
        case .running where !isLooping && timeLimit != nil:
            hasTimedOut = true
            return [.note("ran longer than it may")] + end(.rest(.errored), now: now)
        case .running:
            unstableRestarts = 0
            lastPause = nil
            return []
        case .ending(var ending) where !ending.wasKilled:
            ending.wasKilled = true
            ending.deadline = now.advanced(by: Self.killPatience)
            phase = .ending(ending)
            return [.kill]
        case .ending:
            rest(.errored, reason: "It doesn't even end when it is killed.")
            return [.note("doesn't even end when it is killed; given up")]
        case .resting, .waiting: return []
        }
    }

    // MARK: Transitions

    private var isLooping: Bool { unstableRestarts >= Self.loopLength }

    private mutating func begin(isFree: Bool = false) -> [Action] {
        phase = .waiting
        awaited = nil
        reason = nil
        return isFree || dependencies.isEmpty ? [.spawn] : []
    }

    private mutating func end(_ next: Ending.Next, now: Instant) -> [Action] {
        phase = .ending(Ending(next: next, deadline: now.advanced(by: killTimeout)))
        return [.terminate]
    }

    private mutating func rest(_ state: ProcessState, reason: String?) {
        phase = .resting(state)
        self.reason = reason
    }

    private mutating func decide(
        _ cause: ProcessExit.Cause,
        uptime: Duration,
        now: Instant,
    ) -> [Action] {
        let isFinal =
            if case .code(let code) = cause { settings.finalCodes.contains(code) } else {
                false
            }
        guard settings.isAutomatic, !isFinal else {
            let isFine = cause == .code(0) || isFinal
            rest(isFine ? .stopped : .errored, reason: isFine ? nil : "It \(cause.phrase).")
            return []
        }
        if uptime < settings.minimumUptime {
            unstableRestarts = unstableRestarts.saturatingAdd(1)
        } else {
            unstableRestarts = 0
            lastPause = nil
        }
        guard unstableRestarts < max(settings.limit, 1) else {
            let count = unstableRestarts == 1 ? "once" : "\(unstableRestarts) times in a row"
            rest(.errored, reason: "It \(cause.phrase), \(count) soon after its start.")
            return [.note("ended \(count) soon after its start; not started again")]
        }
        restarts = restarts.saturatingAdd(1)
        let pause = nextPause()
        guard pause > .zero else { return begin(isFree: true) }
        phase = .pausing(until: now.advanced(by: pause))
        reason = "It \(cause.phrase)."
        return [.note("started again in \(pause.milliseconds) ms")]
    }

    /// PM2's exponential backoff: half as much again each time, up to 15 seconds.
    private mutating func nextPause() -> Duration {
        guard let first = settings.backoff else { return settings.delay }
        let next = lastPause.map { min($0 * 3 / 2, .seconds(15)) } ?? first
        lastPause = next
        return next
    }
}
