import HostSystem
import PortlessCore
import Runner
import SystemPackage

/// Starts apps for the proxy's requests, and stops what only requests have started once it is idle.
///
/// What a person starts or stops is told by `startedByPerson` and `stoppedByPerson`. All of it is in
/// `on-request.json`, so that the next server goes on with it.
actor OnRequestService {
    private static let shownLines = 15
    /// How often it is looked whether an app's time has come, which reads nothing.
    private static let look = Duration.seconds(1)
    private static let pause = Duration.milliseconds(500)

    private let services: ServerServices
    private var state: OnRequestApps
    /// What the file holds, as far as this server wrote it.
    private var written: OnRequestApps?
    private var rate = StartRate()
    /// When an app has to be looked at, if a request has started it.
    private var deadlines: [AppName: Timestamp] = [:]
    /// The apps that are being started for a request.
    private var rising: Set<AppName> = []

    init(services: ServerServices) {
        self.services = services
        state = services.directory.onRequestApps()
    }

    // MARK: Starting

    /// Starts an app, with those that it depends on, unless it runs or has just failed.
    ///
    /// Any number of requests may ask at once; one of them starts it.
    func request(_ name: AppName) async -> StartAnswer {
        guard let app = try? await services.supervisor.app(name), let setting = app.onRequest else {
            return refusal("\(name) doesn't start on request.")
        }
        guard !rising.contains(name) else { return .coming }
        let now = Timestamp.now
        let decision = state.records[name, default: StartRecord()].decide(app, now: now)
        switch decision {
        case .coming:
            save()
            return .coming
        case .unclear(let problem): return refusal("The state of \(name) isn't known: \(problem)")
        case .failed(let process, let reason, let again):
            save()
            return await failure(of: process, in: app, reason, again: again)
        case .start:
            guard rate.take(now: .now) else {
                return refusal("Requests have started too many apps within a minute.", again: 60)
            }
            rising.insert(name)
            defer { rising.remove(name) }
            return await start(app, idle: setting.idle, now)
        }
    }

    private func start(
        _ app: SupervisedApp,
        idle: Duration?,
        _ now: Timestamp,
    ) async -> StartAnswer {
        let others = await needed(by: app)
        for other in others + [app] {
            let isRunning = other.processes.contains(where: \.state.isActive)
            // Another app's own setting goes before that of the one which needs it.
            let limit = other.name == app.name ? idle : other.onRequest?.idle ?? idle
            state.records[other.name, default: StartRecord()]
                .startedByRequest(isRunning: isRunning, idle: limit, now: now)
            noteDeadline(of: other.name)
        }
        // First, so that a server that is killed meanwhile leaves no app that goes on for ever.
        save()
        do {
            for other in others { _ = try await services.supervisor.startAsPlanned(other.name) }
            let outcomes = try await services.supervisor.startAsPlanned(app.name)
            guard let failed = outcomes.first(where: { $0.error != nil && $0.state == .errored }),
                let latest = try? await services.supervisor.app(app.name)
            else { return .coming }
            _ = state.records[app.name]?.decide(latest, now: .now)
            save()
            return await failure(of: failed.process, in: latest, failed.error ?? "", again: nil)
        } catch {
            return refusal("\(error)")
        }
    }

    /// The apps that it depends on, directly or not, and that don't run.
    private func needed(by app: SupervisedApp) async -> [SupervisedApp] {
        let all = await services.supervisor.apps()
        var found: [SupervisedApp] = []
        var next = app.needs
        while let name = next.popLast() {
            guard name != app.name, !found.contains(where: { $0.name == name }),
                let other = all.first(where: { $0.name == name })
            else { continue }
            found.insert(other, at: 0)
            next += other.needs
        }
        return found.filter { !$0.processes.contains(where: \.state.isActive) }
    }

    private func failure(
        of process: String,
        in app: SupervisedApp,
        _ reason: String,
        again: Duration?,
    ) async -> StartAnswer {
        let excerpt = try? await services.supervisor.logs(
            app.name,
            process,
            last: Self.shownLines * 2,
        )
        let lines = (excerpt.map(Array.init) ?? []).filter { $0.stream != .note }
        let seconds = again.map { max(1, Int($0.components.seconds) + 1) }
        return .refused(
            StartRefusal(
                detail: "\(process) of \(app.name) has failed. \(reason)",
                lines: lines.suffix(Self.shownLines).map(\.text),
                retryAfter: seconds,
            )
        )
    }

    private func refusal(_ detail: String, again seconds: Int? = nil) -> StartAnswer {
        .refused(StartRefusal(detail: detail, retryAfter: seconds))
    }

    // MARK: Persons

    /// A person has started the app, or has it running from now on.
    func startedByPerson(_ name: AppName) {
        state.records[name, default: StartRecord()].startedByPerson(now: .now)
        deadlines[name] = nil
        save()
    }

    func stoppedByPerson(_ name: AppName) async {
        state.records[name, default: StartRecord()].stoppedByPerson()
        deadlines[name] = nil
        await refresh()
    }

    // MARK: Following

    /// Works until the task is cancelled.
    func run() async {
        for name in state.records.keys { noteDeadline(of: name) }
        await withDiscardingTaskGroup { group in
            group.addTask { await self.follow() }
            group.addTask { await self.stopIdle() }
        }
    }

    private func follow() async {
        while !Task.isCancelled {
            let events = await services.supervisor.events()
            await refresh()
            for await event in events {
                switch event {
                case .app, .removed: await refresh()
                case .process: break
                }
            }
            guard (try? await Task.sleep(for: Self.pause)) != nil else { return }
        }
    }

    /// Writes down the names that are startable now.
    func refresh() async {
        let apps = await services.supervisor.apps()
        let known = Set(apps.map(\.name))
        state.records = state.records.filter { known.contains($0.key) }
        state.names = apps.filter { $0.onRequest != nil }.flatMap { app in
            let isForVisits = state.records[app.name]?.isStopped ?? false
            return app.names.map {
                StartableName(hostname: $0, app: app.name, isForVisits: isForVisits)
            }
        }
        save()
    }

    /// Where the disk is full, the state is this process's alone until the next change.
    private func save() {
        for index in state.names.indices {
            let record = state.records[state.names[index].app]
            state.names[index].isForVisits = record?.isStopped ?? false
        }
        guard state != written else { return }
        do {
            try services.directory.write(state)
            written = state
        } catch {
            written = nil
        }
    }

    // MARK: Stopping

    private func noteDeadline(of name: AppName) {
        let record = state.records[name]
        deadlines[name] = record.flatMap { IdlePolicy.deadline($0, idle: $0.idle) }
    }

    private func stopIdle() async {
        while (try? await Task.sleep(for: Self.look)) != nil {
            let now = Timestamp.now
            let due = deadlines.filter { $0.value <= now }.map(\.key).sorted()
            guard !due.isEmpty else { continue }
            let uses = await uses()
            let apps = await services.supervisor.apps()
            for name in due { await look(at: name, among: apps, uses, now) }
        }
    }

    private func look(
        at name: AppName,
        among apps: [SupervisedApp],
        _ uses: PortUses?,
        _ now: Timestamp,
    ) async {
        guard let app = apps.first(where: { $0.name == name }), var record = state.records[name],
            app.processes.contains(where: \.state.isActive), !rising.contains(name)
        else {
            deadlines[name] = nil
            return
        }
        let isNeeded = apps.contains { other in
            other.needs.contains(name) && other.processes.contains(where: \.state.isActive)
        }
        let decision = IdlePolicy.decide(
            &record,
            // A changed setting counts at once.
            idle: app.onRequest?.idle ?? record.idle,
            use: uses?.use(of: app),
            isNeeded: isNeeded,
            now: now,
        )
        state.records[name] = record
        switch decision {
        case .look(let time): deadlines[name] = time
        case .never: deadlines[name] = nil
        case .stop:
            deadlines[name] = nil
            state.records[name]?.starter = nil
            _ = try? await services.supervisor.stop(name, nil)
        }
        save()
    }

    /// Nil where no proxy tells.
    private func uses() async -> PortUses? {
        let directory = services.directory
        return try? await services.logReading.run {
            guard let connection = TrafficConnection(to: directory) else {
                throw TrafficFailure.absent
            }
            return try connection.uses()
        }
    }
}

extension PortUses {
    /// The use of all ports of an app.
    fileprivate func use(of app: SupervisedApp) -> AppUse {
        var ports = Set(app.processes.flatMap(\.ports).map(\.port))
        ports.formUnion(app.processes.compactMap(\.primaryPort))
        let own = uses.filter { ports.contains($0.port) }
        let now = Timestamp.now
        let last = own.compactMap(\.idle).min().map { now.advanced(by: .zero - $0) }
        return AppUse(
            open: own.reduce(0) { $0.saturatingAdd($1.open) },
            // Of the time before it began the proxy knows nothing.
            last: last ?? now.advanced(by: .zero - uptime),
        )
    }
}
