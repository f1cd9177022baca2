import HostSystem
package import PortlessCore
import SystemPackage

/// All apps that run in the background, each under its keeper, which lives on without this.
package actor Supervisor {
    /// Starts a keeper on an app's folder and returns once it answers.
    package typealias KeeperLauncher = @Sendable (KeeperFolder) throws -> Void

    private static let connectAttempts = 100
    private static let connectPause = Duration.milliseconds(20)
    /// After so many starts of an app's keepers within a minute, one that ends stays away.
    private static let mostLaunches = 10

    let directory: StateDirectory
    private let launchKeeper: KeeperLauncher
    let model: SupervisorModel
    private let switchboard: Switchboard
    private let lost: AsyncStream<AppName>
    private var meter = UsageMeter()
    private var launches: [AppName: [ContinuousClock.Instant]] = [:]

    package init(
        directory: StateDirectory,
        launchKeeper: @escaping KeeperLauncher,
    ) throws {
        self.directory = directory
        self.launchKeeper = launchKeeper
        let model = SupervisorModel()
        let (lost, continuation) = AsyncStream<AppName>.makeStream()
        self.model = model
        self.lost = lost
        switchboard = try Switchboard { report in
            switch report {
            case .message(let app, .status(let processes)): model.set(processes, of: app)
            case .message(let app, .process(let process)): model.set(process, of: app)
            case .message(let app, .line(let line)): model.pass(line, of: app)
            case .message(_, .answer), .message(_, .refusal): break
            case .lost(let app): continuation.yield(app)
            }
        }
    }

    /// Finds the keepers that run and stays in touch with them until the task is cancelled.
    ///
    /// Keepers that were killed are replaced. No app is ended.
    package func run() async {
        await findKeepers()
        for await app in lost { await keeperLost(app) }
        disconnect()
    }

    /// Leaves all keepers to themselves; nothing can be asked of them here any more.
    func disconnect() {
        switchboard.stop()
    }

    /// Takes stock of the apps in the state directory, as at the start of `run`.
    package func findKeepers() async {
        for name in DirectoryListing.names(directory.apps).sorted() {
            guard let app = try? AppName(parsing: name), app.description == name,
                model.app(app) == nil
            else { continue }
            let folder = folder(of: app)
            load(app)
            if isKept(folder) || (try? folder.readKeeper()) != nil { await revive(app) }
        }
    }

    // MARK: Reading

    /// All apps by name, as they are now, with what they use of processor and memory.
    package func apps() -> [SupervisedApp] {
        meter.measured(model.apps, now: .now)
    }

    package func app(_ name: AppName) throws -> SupervisedApp {
        guard let app = apps().first(where: { $0.name == name }) else {
            throw SupervisorError.unknownApp(name)
        }
        return app
    }

    /// Every change from now on; a reader that doesn't keep up loses its stream: it ends.
    package func events() -> AsyncStream<SupervisorEvent> {
        model.events()
    }

    // MARK: Acting

    /// Makes the app's processes those of the plan and starts them, or only those in `only`.
    ///
    /// What runs as planned already is left alone, what has another plan is started anew, and what
    /// isn't planned any more is ended. Returns once each process was tried to be spawned, not once
    /// they listen.
    package func up(
        _ plan: SupervisionPlan,
        only: [String]? = nil,
    ) async throws -> [ProcessOutcome] {
        let folder = folder(of: plan.app)
        try folder.create()
        try folder.write(plan)
        if model.app(plan.app) == nil { load(plan.app) }
        if var app = model.app(plan.app), app.directory != plan.directory {
            app.directory = plan.directory
            model.set(app)
        }
        return try await ask(.up(only: only), of: plan.app)
    }

    /// Starts all processes that don't run, or the one.
    package func start(_ app: AppName, _ process: String? = nil) async throws -> [ProcessOutcome] {
        try check(app, process)
        return try await ask(.start(process), of: app)
    }

    /// Ends all processes, or the one, with all that they started; returns when they are gone.
    package func stop(_ app: AppName, _ process: String? = nil) async throws -> [ProcessOutcome] {
        try check(app, process)
        let folder = folder(of: app)
        if !switchboard.isConnected(app), !isKept(folder), try folder.readKeeper() == nil {
            // Nothing runs without a keeper.
            let processes = model.app(app)?.processes ?? []
            return processes.filter { process ?? $0.name == $0.name }
                .map { ProcessOutcome(process: $0.name, state: $0.state) }
        }
        return try await ask(.stop(process), of: app)
    }

    /// Ends and starts all processes, or the one.
    package func restart(
        _ app: AppName,
        _ process: String? = nil,
    ) async throws -> [ProcessOutcome] {
        try check(app, process)
        return try await ask(.restart(process), of: app)
    }

    /// Stops an app and forgets it, with its logs.
    package func remove(_ app: AppName) async throws {
        try check(app, nil)
        _ = try await stop(app)
        if switchboard.isConnected(app) { _ = try? await switchboard.send(.quit, to: app) }
        let folder = folder(of: app)
        for _ in 0..<Self.connectAttempts where isKept(folder) {
            try await Task.sleep(for: Self.connectPause)
        }
        try FolderRemoval.remove(folder.path)
        model.remove(app)
    }

    // MARK: Logs

    /// The last lines of a process, or of all of them in the order in which they were written.
    ///
    /// The logs are read where the caller runs, so that a slow disk holds up no other app.
    nonisolated package func logs(
        _ app: AppName,
        _ process: String? = nil,
        last count: Int,
    ) async throws -> LogExcerpt {
        LogExcerpt(of: try await logFiles(app, process), last: count)
    }

    /// The last lines and then each new one, without a gap, until the reader stops reading.
    ///
    /// With `after` (a line's `cursor`), all lines since then that are still kept in place of the
    /// last ones. A reader that is slower than the log loses its stream: it ends.
    package func follow(
        _ app: AppName,
        _ process: String? = nil,
        last count: Int,
        after: Int64? = nil,
    ) async throws -> any AsyncSequence<LogLine, Never> & Sendable {
        let files = try logFiles(app, process)
        let now = SystemClock.now / 1000
        let (id, news) = model.addFollower(of: app, process) { [switchboard, model] in
            guard !model.hasFollowers(of: app) else { return }
            switchboard.tell(.follow(false), app)
        }
        // From its answer on, whatever isn't in the log yet is told to us.
        _ = try? await switchboard.send(.follow(true), to: app)
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
        let folder = folder(of: app)
        return names.map { LogFile(path: folder.log(of: $0), process: $0) }
    }

    // MARK: Keepers

    private func ask(_ request: KeeperRequest, of app: AppName) async throws -> [ProcessOutcome] {
        var attempt = 0
        while true {
            do {
                try await ensureKeeper(app)
                return try await switchboard.send(request, to: app)
            } catch is Switchboard.KeeperGone where attempt < 3 {
                // It had just nothing to do any more.
                attempt += 1
            } catch let error as KeeperRefusal {
                throw SupervisorError.keeperFailed(app, reason: error.reason)
            } catch is Switchboard.KeeperGone {
                throw SupervisorError.keeperFailed(app, reason: "it went away")
            }
        }
    }

    private func ensureKeeper(_ app: AppName) async throws {
        let folder = folder(of: app)
        for _ in 0..<Self.connectAttempts where !switchboard.isConnected(app) {
            do {
                if !isKept(folder) {
                    launches[app, default: []].append(.now)
                    try launchKeeper(folder)
                }
            } catch {
                throw SupervisorError.keeperFailed(app, reason: "\(error)")
            }
            do {
                return try await connect(app, folder)
            } catch is SystemError {
                // One that ends is still there, and doesn't listen any more.
                try await Task.sleep(for: Self.connectPause)
            }
        }
        guard switchboard.isConnected(app) else {
            throw SupervisorError.keeperFailed(app, reason: "it doesn't answer")
        }
    }

    private func connect(_ app: AppName, _ folder: KeeperFolder) async throws {
        try switchboard.connect(app, folder)
        guard model.hasFollowers(of: app) else { return }
        _ = try? await switchboard.send(.follow(true), to: app)
        model.noteMissedLines(of: app)
    }

    private func keeperLost(_ app: AppName) async {
        KeeperChildren.shared.reapEnded()
        let folder = folder(of: app)
        guard model.app(app) != nil, !switchboard.isConnected(app) else { return }
        // One that is about to end removes its record first, and holds the lock to its last.
        load(app)
        if (try? folder.readKeeper()) != nil { await revive(app) }
    }

    /// Gets in touch with a keeper that should be there, in place of one that was killed.
    private func revive(_ app: AppName) async {
        let now = ContinuousClock.now
        let recent = (launches[app] ?? []).filter { $0.duration(to: now) < .seconds(60) }
        launches[app] = recent
        // A connection may be lost several times to one that is just ending.
        guard recent.count < Self.mostLaunches else {
            return setProblem(of: app, "Its keeper ends again and again.")
        }
        do {
            try await ensureKeeper(app)
        } catch {
            setProblem(of: app, "\(error)")
        }
    }

    /// Whether some keeper lives: it holds the lock for as long as it does.
    private func isKept(_ folder: KeeperFolder) -> Bool {
        guard let lock = try? HeldLock.take(at: folder.lock) else {
            // Where the folder itself is gone, nobody is in it.
            return (try? FileStatus.of(folder.path)) != nil
        }
        extendLifetime(lock)
        return false
    }

    /// Takes what the files say of an app without a keeper.
    private func load(_ app: AppName) {
        guard var stored = StoredApps.read(app, in: directory) else { return }
        if stored.problem != nil, let known = model.app(app) {
            stored.directory = known.directory
            stored.processes = known.processes
        }
        model.set(stored)
        if let problem = stored.problem { setProblem(of: app, problem) }
    }

    private func setProblem(of app: AppName, _ problem: String) {
        guard var known = model.app(app) else { return }
        known.problem = problem
        for index in known.processes.indices { known.processes[index].state = .unknown }
        model.set(known)
    }

    private func check(_ app: AppName, _ process: String?) throws {
        guard let known = model.app(app) else { throw SupervisorError.unknownApp(app) }
        guard let process, known.process(process) == nil else { return }
        let names = known.processes.map(\.name)
        throw SupervisorError.unknownProcess(app, process, known: names)
    }

    private func folder(of app: AppName) -> KeeperFolder {
        KeeperFolder(of: app, in: directory)
    }
}
