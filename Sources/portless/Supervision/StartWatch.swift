import HostSystem
import PortlessCore
import Runner

/// Decides, from what the server and the probes report, how far an app's processes have come.
struct StartWatch {
    typealias Instant = ContinuousClock.Instant

    enum Standing: Equatable {
        case coming
        case up
        case failed(Outcome)
    }

    /// A server that is asked whether it answers.
    struct Server {
        var probe: AnswerProbe
        /// The process that listens: another one is asked again.
        var pid: Int32?
        var isUnderWay = false
        var next: Instant
        /// What it did instead of answering; a phrase whose subject is the process.
        var problem: String?
        var isReady = false
    }

    /// What ends sooner after its start was never up.
    private static let shortestLife = Duration.seconds(1)
    /// How long a process may crash-loop, as one does that waits for a database, or be in an unknown
    /// state, as one has whose keeper was killed, before it has failed.
    private static let patience = Duration.seconds(2)

    /// Those of the processes; nil for all of the app.
    let names: [String]?
    /// Whether to wait for a process that waits for another one.
    let awaitsOthers: Bool
    /// Whether servers have to answer; otherwise it is enough that they listen.
    let awaitsAnswers: Bool
    /// What is known of the servers besides their states.
    var plan: SupervisionPlan?
    private(set) var app: SupervisedApp?
    private(set) var servers: [String: Server] = [:]
    /// Since when some process has been in doubt.
    private var doubt: Instant?

    init(names: [String]?, awaitsOthers: Bool, awaitsAnswers: Bool) {
        self.names = names
        self.awaitsOthers = awaitsOthers
        self.awaitsAnswers = awaitsAnswers
    }

    var processes: [SupervisedProcess] {
        (app?.processes ?? []).filter { names?.contains($0.name) ?? true }
    }

    // MARK: Events

    mutating func take(_ app: SupervisedApp?, now: Instant) {
        self.app = app
        let isInDoubt = processes.contains { process in
            process.state == .crashLooping || process.state == .unknown && awaitsAnswers
        }
        doubt = isInDoubt ? doubt ?? now : nil
        guard awaitsAnswers else { return }
        for process in processes { look(for: process, now) }
    }

    /// The state that the event leads to; nil where it is about something else.
    func app(after event: APIClient.Event) -> SupervisedApp? {
        guard var app else {
            return event.name == "app" ? SupervisedApp(json: event.data) : nil
        }
        switch event.name {
        case "app":
            let new = SupervisedApp(json: event.data)
            return new?.name == app.name ? new : nil
        case "process":
            guard event.data["app"]?.string == app.name.description,
                let process = event.data["process"].flatMap({ SupervisedProcess(json: $0) }),
                let index = app.processes.firstIndex(where: { $0.name == process.name })
            else { return nil }
            app.processes[index] = process
            return app
        case "removed" where event.data["app"]?.string == app.name.description:
            app.processes = []
            return app
        default: return nil
        }
    }

    private mutating func look(for process: SupervisedProcess, _ now: Instant) {
        guard process.state == .online, let probe = probe(of: process) else {
            servers[process.name] = nil
            return
        }
        let known = servers[process.name]
        guard known?.probe != probe || known?.pid != process.pid else { return }
        servers[process.name] = Server(probe: probe, pid: process.pid, next: now)
    }

    /// Nil for a process that has no port.
    private func probe(of process: SupervisedProcess) -> AnswerProbe? {
        AnswerProbe(of: process, plan?.processes.first { $0.name == process.name })
    }

    /// The servers to ask now, each of which counts as asked.
    mutating func due(at now: Instant) -> [(process: String, pid: Int32?, probe: AnswerProbe)] {
        servers.keys.sorted().compactMap { name in
            guard let server = servers[name], !server.isReady, !server.isUnderWay,
                server.next <= now
            else { return nil }
            servers[name]?.isUnderWay = true
            return (name, server.pid, server.probe)
        }
    }

    mutating func answered(
        _ answer: AnswerProbe.Answer,
        of process: String,
        pid: Int32?,
        probe: AnswerProbe,
        now: Instant,
    ) {
        guard var server = servers[process], server.pid == pid, server.probe == probe else {
            return
        }
        server.isUnderWay = false
        server.next = now.advanced(by: probe.interval)
        switch answer {
        case .ready:
            server.isReady = true
            server.problem = nil
        case .notYet(let problem): server.problem = problem
        }
        servers[process] = server
    }

    /// When to look again without an event.
    var nextLook: Instant? {
        let asking = servers.values.filter { !$0.isReady && !$0.isUnderWay }.map(\.next)
        return (asking + [doubt?.advanced(by: Self.patience)].compactMap(\.self)).min()
    }

    // MARK: Decisions

    func standing(of process: SupervisedProcess, at now: Instant) -> Standing {
        if process.heldPort != nil { return .failed(.portHeld) }
        // What it waits for may still answer in the time that there is.
        if process.isHeldUp || !awaitsAnswers && Self.isHeldUp(process) { return .failed(.crashed) }
        switch process.state {
        case .errored: return .failed(.crashed)
        case .crashLooping: return isDoubted(at: now) ? .failed(.crashed) : .coming
        case .unknown:
            return !awaitsAnswers || isDoubted(at: now) ? .failed(.crashed) : .coming
        case .starting where process.waitsFor != nil && !awaitsOthers: return .up
        case .starting, .stopping: return .coming
        case .stopped, .notStarted: return isServer(process) ? .failed(.crashed) : .up
        case .online: return servers[process.name]?.isReady == false ? .coming : .up
        }
    }

    /// What came of it; nil while that is open.
    func outcome(at now: Instant) -> Outcome? {
        // It was removed meanwhile.
        if awaitsAnswers, app?.processes.isEmpty == true { return .crashed }
        let standings = processes.map { standing(of: $0, at: now) }
        let failures = standings.compactMap { standing -> Outcome? in
            if case .failed(let outcome) = standing { outcome } else { nil }
        }
        // What has failed never becomes ready, however long the others take.
        if awaitsAnswers || !standings.contains(.coming) || isDoubted(at: now), !failures.isEmpty {
            return failures.contains(.portHeld) ? .portHeld : .crashed
        }
        return standings.contains(.coming) ? nil : .ready
    }

    /// How long the youngest process still has to run until it counts as up; nil if none has.
    func youth(at time: Timestamp) -> Duration? {
        processes.compactMap { Self.youth($0, at: time) }.max()
    }

    static func youth(_ process: SupervisedProcess, at time: Timestamp) -> Duration? {
        guard process.state == .online, let startedAt = process.startedAt else { return nil }
        let rest = shortestLife - startedAt.duration(to: time)
        return rest > .zero ? min(rest, shortestLife) : nil
    }

    /// What it waits for has had its time.
    static func isHeldUp(_ process: SupervisedProcess) -> Bool {
        process.isHeldUp || process.waitsFor != nil && process.reason != nil
    }

    /// Whether it has to listen, for those who wait for answers.
    private func isServer(_ process: SupervisedProcess) -> Bool {
        awaitsAnswers && (process.primaryPort != nil || !process.ports.isEmpty)
    }

    private func isDoubted(at now: Instant) -> Bool {
        doubt.map { $0.duration(to: now) >= Self.patience } ?? false
    }
}
