import HostSystem
import PortlessCore
import Runner
import Synchronization

/// Tells how processes come up, until each of them listens or has failed.
final class StartProgress: Sendable {
    private struct State {
        var app: SupervisedApp?
        /// What was said of each process last.
        var told: [String: [String]] = [:]
        /// Since when some process has been crash-looping.
        var crashLoop: ContinuousClock.Instant?
        var isOver = false
    }

    private static let pause = Duration.milliseconds(100)
    /// What ends sooner after its start was never up.
    private static let shortestLife = Duration.seconds(1)
    /// How long a process may crash-loop, as one does that waits for a database, before the others
    /// aren't waited for any more.
    private static let crashLoopPatience = Duration.seconds(2)
    private static let shownLines = 15
    /// After which times it says what is still waited for.
    private static let delays = [Duration.seconds(5), .seconds(15)]

    private let context: CommandContext
    private let apps: SupervisedApps
    private let app: String
    private let names: [String]?
    /// Whether to wait for a process that waits for another one.
    private let awaitsOthers: Bool
    private let state = Mutex(State())

    /// `names` are those of the processes; nil for all of the app.
    init(
        _ context: CommandContext,
        asking apps: SupervisedApps,
        app: String,
        names: [String]?,
        awaitsOthers: Bool = true,
    ) {
        self.context = context
        self.apps = apps
        self.app = app
        self.names = names
        self.awaitsOthers = awaitsOthers
    }

    /// Waits; true if all are up.
    func await() throws -> Bool {
        take(try apps.app(app))
        defer { state.withLock { $0.isOver = true } }
        // The events come only when something changes. It ends soon after this function.
        SystemThread.start { [self] in tellDelays() }
        while true {
            if let youth = processes.compactMap(Self.youth).max(), isDecided {
                SystemClock.sleep(for: youth)
                take(try apps.app(app))
            } else if isDecided {
                break
            } else {
                try apps.server.events(of: "/api/events?app=\(app)") { [self] event in
                    take(event)
                    return !isDecided
                }
                // The server has gone; the next one tells the rest.
                if !isDecided { SystemClock.sleep(for: Self.pause) }
            }
        }
        let failed = processes.filter(Self.hasFailed)
        // What is waited for is the one that may say why.
        for name in Set(failed.map { $0.waitsFor ?? $0.name }).sorted() { tellLastLines(of: name) }
        return failed.isEmpty
    }

    private var processes: [SupervisedProcess] {
        let all = state.withLock { $0.app?.processes ?? [] }
        return all.filter { names?.contains($0.name) ?? true }
    }

    private func take(_ event: APIClient.Event) {
        guard var app = state.withLock({ $0.app }) else {
            return event.name == "app" ? take(SupervisedApp(json: event.data)) : ()
        }
        switch event.name {
        case "app":
            guard let new = SupervisedApp(json: event.data), new.name == app.name else { return }
            take(new)
        case "process":
            guard event.data["app"]?.string == app.name.description,
                let process = event.data["process"].flatMap({ SupervisedProcess(json: $0) }),
                let index = app.processes.firstIndex(where: { $0.name == process.name })
            else { return }
            app.processes[index] = process
            take(app)
        case "removed" where event.data["app"]?.string == app.name.description:
            app.processes = []
            take(app)
        default: return
        }
    }

    /// Says what has changed.
    private func take(_ app: SupervisedApp?) {
        state.withLock { $0.app = app }
        let isLooping = processes.contains { $0.state == .crashLooping }
        state.withLock { $0.crashLoop = isLooping ? $0.crashLoop ?? .now : nil }
        for process in processes where Self.youth(process) == nil {
            let holdup = Self.isHeldUp(process) ? process.reason : nil
            let stage = [process.state.rawValue, process.waitsFor ?? "", holdup ?? ""]
            let last = state.withLock { $0.told.updateValue(stage, forKey: process.name) }
            if last != stage { context.console.say(styled: line(process)) }
        }
    }

    private func line(_ process: SupervisedProcess) -> StyledText {
        let style = context.console.style
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

    private func tellDelays() {
        let began = ContinuousClock.now
        for limit in Self.delays {
            while began.duration(to: .now) < limit {
                SystemClock.sleep(for: Self.pause)
                if state.withLock({ $0.isOver }) { return }
            }
            for process in processes {
                guard let line = delay(of: process) else { continue }
                context.console.say(styled: context.console.style.dim(line))
            }
        }
    }

    /// What a process that runs hasn't done yet; nil where it isn't the one that is waited for.
    private func delay(of process: SupervisedProcess) -> String? {
        guard process.state == .starting, process.pid != nil, process.waitsFor == nil,
            !process.isHeldUp
        else { return nil }
        let ports = process.primaryPort.map { [$0] } ?? process.ports.map(\.port)
        guard !ports.isEmpty else { return nil }
        let list = ports.map(\.description).joined(separator: " or ")
        let line = lastLines(of: process.name, Self.shownLines).last { line in
            line.stream != .note && process.startedAt.map { line.time >= $0 } ?? true
        }
        let output = line.map { "its last line is: \($0.text)" }
        return "  \(process.name) doesn't listen on port \(list) yet; "
            + (output ?? "it has printed nothing")
    }

    private func lastLines(of process: String, _ count: Int) -> [LogLine] {
        guard let app = state.withLock({ $0.app?.name }),
            let directory = try? context.stateDirectory()
        else { return [] }
        let files = KeeperFolder(of: app, in: directory).logFiles(of: [process])
        return Array(LogExcerpt(of: files, last: count)).suffix(count)
    }

    private func tellLastLines(of process: String) {
        let lines = lastLines(of: process, Self.shownLines)
        guard !lines.isEmpty else { return }
        let console = context.console
        console.say("The last lines of \(process):")
        for line in lines { console.say(styled: "  " + console.style.dim(line.text)) }
    }

    private var isDecided: Bool {
        let crashLoop = state.withLock { $0.crashLoop }
        if let crashLoop, crashLoop.duration(to: .now) > Self.crashLoopPatience { return true }
        return processes.allSatisfy { process in
            Self.isHeldUp(process) || process.waitsFor != nil && !awaitsOthers
                || ![.starting, .stopping].contains(process.state)
        }
    }

    /// How long it still has to run; nil for what isn't up, or has been for long enough.
    private static func youth(_ process: SupervisedProcess) -> Duration? {
        guard process.state == .online, let startedAt = process.startedAt else { return nil }
        let rest = shortestLife - startedAt.duration(to: .now)
        return rest > .zero ? min(rest, shortestLife) : nil
    }

    /// What it waits for has had its time.
    private static func isHeldUp(_ process: SupervisedProcess) -> Bool {
        process.isHeldUp || process.waitsFor != nil && process.reason != nil
    }

    private static func hasFailed(_ process: SupervisedProcess) -> Bool {
        isHeldUp(process) || [.errored, .crashLooping, .unknown].contains(process.state)
    }
}
