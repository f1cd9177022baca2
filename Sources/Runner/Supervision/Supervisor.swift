import HostSystem
package import PortlessCore
package import SystemPackage

/// All apps in the background, each under its keeper, which outlives this process.
package actor Supervisor {
    /// Starts a keeper on an app's folder and returns once it takes requests.
    package typealias KeeperLauncher = @Sendable (KeeperFolder) throws -> Void

    static let connectAttempts = 100
    static let connectPause = Duration.milliseconds(20)

    let directory: StateDirectory
    /// The folder of all folders of keepers.
    let root: StateFile
    let launchKeeper: KeeperLauncher
    let model: SupervisorModel
    let connections: KeeperConnections
    /// The apps whose keepers' connections have ended.
    let lost: AsyncStream<AppName>
    private var meter = UsageMeter()
    /// The folders of the apps that are being brought up.
    private var risingFrom: [AppName: (folder: FilePath, count: Int)] = [:]
    /// The times of the latest starts of keepers.
    var launches: [AppName: [ContinuousClock.Instant]] = [:]

    package init(
        directory: StateDirectory,
        root: StateFile = .apps,
        launchKeeper: @escaping KeeperLauncher,
    ) throws {
        self.directory = directory
        self.root = root
        self.launchKeeper = launchKeeper
        let model = SupervisorModel()
        let (lost, continuation) = AsyncStream<AppName>.makeStream()
        self.model = model
        self.lost = lost
        connections = try KeeperConnections { report in
            switch report {
            case .message(let app, .status(let processes)): model.set(processes, of: app)
            case .message(let app, .process(let process)): model.set(process, of: app)
            case .message(let app, .line(let line)): model.pass(line, of: app)
            case .message(_, .answer), .message(_, .refusal): break
            case .lost(let app): continuation.yield(app)
            }
        }
    }

    // MARK: Reading

    /// All apps by name with their current state, processor use and memory.
    package func apps() -> [SupervisedApp] {
        meter.measured(model.apps, now: .now)
    }

    package func app(_ name: AppName) throws -> SupervisedApp {
        guard let app = apps().first(where: { $0.name == name }) else {
            throw SupervisorError.unknownApp(name)
        }
        return app
    }

    /// Every change from now on; the stream of a reader that doesn't keep up ends.
    package func events() -> AsyncStream<SupervisorEvent> {
        model.events()
    }

    // MARK: Acting

    /// Applies the plan to the app and starts its processes, or only those in `only`.
    ///
    /// A process that runs as planned is left alone, one with another plan is restarted, and one
    /// that isn't planned any more is ended. Returns once each process was spawned, or couldn't be,
    /// not once they listen. An app of that name which runs from another folder is left alone.
    package func up(
        _ plan: SupervisionPlan,
        only: [String]? = nil,
    ) async throws -> [ProcessOutcome] {
        if let other = otherFolder(of: plan) {
            throw SupervisorError.ofAnotherFolder(plan.app, other)
        }
        let others = risingFrom[plan.app]?.count ?? 0
        risingFrom[plan.app] = (plan.directory, others + 1)
        defer {
            let count = (risingFrom[plan.app]?.count ?? 1) - 1
            risingFrom[plan.app] = count > 0 ? (plan.directory, count) : nil
        }
        try store(plan)
        return try await ask(.up(only: only), of: plan.app)
    }

    /// Keeps a plan for a later start; what runs by an older one goes on.
    package func prepare(_ plan: SupervisionPlan) throws {
        if let other = otherFolder(of: plan) {
            throw SupervisorError.ofAnotherFolder(plan.app, other)
        }
        try store(plan)
        guard !connections.isConnected(plan.app) else { return }
        load(plan.app)
    }

    /// Changes whether an app starts on request, in the plan that it has.
    package func change(_ app: AppName, toStartOnRequest setting: OnRequest?) throws {
        try check(app, nil)
        guard var plan = try folder(of: app).readPlan() else { return }
        plan.onRequest = setting
        try store(plan)
    }

    private func store(_ plan: SupervisionPlan) throws {
        let folder = folder(of: plan.app)
        try folder.create()
        try folder.write(plan)
        if model.app(plan.app) == nil { load(plan.app) }
        guard var app = model.app(plan.app) else { return }
        app.take(plan)
        model.set(app)
    }

    /// The folder that an app of the plan's name runs in, if it is another one.
    private func otherFolder(of plan: SupervisionPlan) -> FilePath? {
        if let folder = risingFrom[plan.app]?.folder, folder != plan.directory { return folder }
        guard let app = model.app(plan.app), app.directory != plan.directory,
            app.processes.contains(where: \.state.isActive)
        else { return nil }
        return app.directory
    }

    /// Starts all processes that don't run, by the plan that was stored last.
    package func startAsPlanned(_ app: AppName) async throws -> [ProcessOutcome] {
        try check(app, nil)
        return try await ask(.up(only: nil), of: app)
    }

    /// Starts all processes that don't run, or the named one.
    package func start(_ app: AppName, _ process: String? = nil) async throws -> [ProcessOutcome] {
        try check(app, process)
        return try await ask(.start(process), of: app)
    }

    /// Ends all processes, or the named one, with their descendants; returns when they are gone.
    package func stop(_ app: AppName, _ process: String? = nil) async throws -> [ProcessOutcome] {
        try check(app, process)
        let folder = folder(of: app)
        if !connections.isConnected(app), !isKept(folder), !wasKilled(folder) {
            // Without a keeper no process runs.
            let processes = model.app(app)?.processes ?? []
            return processes.filter { process ?? $0.name == $0.name }
                .map { ProcessOutcome(process: $0.name, state: $0.state) }
        }
        return try await ask(.stop(process), of: app)
    }

    /// Ends all processes by force, or the named one, with their descendants.
    func kill(_ app: AppName, _ process: String? = nil) async throws -> [ProcessOutcome] {
        try check(app, process)
        return try await ask(.kill(process), of: app)
    }

    /// Restarts all processes, or the named one.
    package func restart(
        _ app: AppName,
        _ process: String? = nil,
    ) async throws -> [ProcessOutcome] {
        try check(app, process)
        return try await ask(.restart(process), of: app)
    }

    /// Stops an app and removes it with its logs.
    package func remove(_ app: AppName) async throws {
        try check(app, nil)
        _ = try await stop(app)
        if connections.isConnected(app) { _ = try? await connections.send(.quit, to: app) }
        let folder = folder(of: app)
        for _ in 0..<Self.connectAttempts where isKept(folder) {
            try await Task.sleep(for: Self.connectPause)
        }
        try FileSystem.removeTree(folder.path)
        model.remove(app)
    }

    // MARK: Logs

    /// The last lines of a process, or of all of them in the order in which they were written.
    ///
    /// The caller's thread reads the logs, so that a slow disk delays no other app.
    nonisolated package func logs(
        _ app: AppName,
        _ process: String? = nil,
        last count: Int,
    ) async throws -> LogExcerpt {
        LogExcerpt(of: try await logFiles(app, process), last: count)
    }

    /// All lines after a cursor that are still kept, the oldest first.
    nonisolated func logs(_ app: AppName, after cursor: Int64) async throws -> LogExcerpt {
        LogExcerpt(of: try await logFiles(app, nil), last: .max, isBounded: false) { _ in cursor }
    }

    /// The last lines and then each new one, without a gap, until the reader stops.
    ///
    /// With `after` (a line's `cursor`), all later lines that are still kept replace the last ones.
    /// The stream of a reader that is slower than the log ends.
    package func follow(
        _ app: AppName,
        _ process: String? = nil,
        last count: Int,
        after: Int64? = nil,
    ) async throws -> any AsyncSequence<LogLine, Never> & Sendable {
        let files = try logFiles(app, process)
        let now = Timestamp.now.microseconds
        let (id, news) = model.addFollower(of: app, process) { [connections, model] in
            guard !model.hasFollowers(of: app) else { return }
            connections.tell(.follow(false), app)
        }
        // After its answer, the keeper sends every line that isn't in the log yet.
        _ = try? await connections.send(.follow(true), to: app)
        return LogFeed(
            files: files,
            start: after.map { .after($0) } ?? .last(count, now: now),
            id: id,
            news: news,
            model: model,
        )
    }

    private func logFiles(_ app: AppName, _ process: String?) throws -> [LogFile] {
        try check(app, process)
        let names = process.map { [$0] } ?? (model.app(app)?.processes.map(\.name) ?? [])
        return folder(of: app).logFiles(of: names)
    }

    // MARK: Keepers

    private func ask(_ request: KeeperRequest, of app: AppName) async throws -> [ProcessOutcome] {
        var attempt = 0
        while true {
            do {
                try await ensureKeeper(app)
                return try await connections.send(request, to: app)
            } catch is KeeperConnections.KeeperGone where attempt < 3 {
                // The keeper has just exited because it had nothing to do.
                attempt += 1
            } catch let error as KeeperRefusal {
                throw SupervisorError.keeperFailed(app, reason: error.reason)
            } catch is KeeperConnections.KeeperGone {
                throw SupervisorError.keeperFailed(app, reason: "it went away")
            }
        }
    }

    func connect(_ app: AppName, _ folder: KeeperFolder) async throws {
        try connections.connect(app, folder)
        guard model.hasFollowers(of: app) else { return }
        _ = try? await connections.send(.follow(true), to: app)
        model.noteMissedLines(of: app)
    }

    private func check(_ app: AppName, _ process: String?) throws {
        guard let known = model.app(app) else { throw SupervisorError.unknownApp(app) }
        guard let process, known.process(process) == nil else { return }
        let names = known.processes.map(\.name)
        throw SupervisorError.unknownProcess(app, process, known: names)
    }

    func folder(of app: AppName) -> KeeperFolder {
        KeeperFolder(of: app, in: directory, root)
    }
}

/// The supervisor's reason for refusing a request.
package enum SupervisorError: Error, Hashable, CustomStringConvertible {
    case unknownApp(AppName)
    case unknownProcess(AppName, String, known: [String])
    case keeperFailed(AppName, reason: String)
    case ofAnotherFolder(AppName, FilePath)

    package var description: String {
        switch self {
        case .unknownApp(let app):
            "\(app) was never brought up here. `portless up` in its folder does that."
        case .unknownProcess(let app, let name, let known):
            """
            \(app) has no process called "\(name)". \
            It has: \(known.joined(separator: ", ")).
            """
        case .ofAnotherFolder(let app, let folder):
            """
            An app called \(app) runs from \(folder). Take it down with `portless down \(app)`, or \
            give this one another "name" in portless.json.
            """
        case .keeperFailed(let app, let reason):
            """
            The keeper of \(app) doesn't do its work: \(reason). \
            `portless doctor` looks for the cause.
            """
        }
    }
}
