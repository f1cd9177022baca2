import HostSystem
package import PortlessCore
import SystemPackage

/// All apps that run in the background, each under its keeper, which lives on without this.
package actor Supervisor {
    /// Starts a keeper on an app's folder and returns once it answers.
    package typealias KeeperLauncher = @Sendable (KeeperFolder) throws -> Void

    static let connectAttempts = 100
    static let connectPause = Duration.milliseconds(20)

    let directory: StateDirectory
    let launchKeeper: KeeperLauncher
    let model: SupervisorModel
    let connections: KeeperConnections
    /// The apps whose keepers' connections have ended.
    let lost: AsyncStream<AppName>
    private var meter = UsageMeter()
    /// When keepers were started lately.
    var launches: [AppName: [ContinuousClock.Instant]] = [:]

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
    /// What runs as planned already is left alone, what has another plan is restarted, and what
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
        if !connections.isConnected(app), !isKept(folder), !wasKilled(folder) {
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
        if connections.isConnected(app) { _ = try? await connections.send(.quit, to: app) }
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
        let now = Timestamp.now.microseconds
        let (id, news) = model.addFollower(of: app, process) { [connections, model] in
            guard !model.hasFollowers(of: app) else { return }
            connections.tell(.follow(false), app)
        }
        // From its answer on, whatever isn't in the log yet is told to us.
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
                // It had just nothing to do any more.
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
        KeeperFolder(of: app, in: directory)
    }
}

/// Why the supervisor couldn't do what it was asked for.
package enum SupervisorError: Error, Hashable, CustomStringConvertible {
    case unknownApp(AppName)
    case unknownProcess(AppName, String, known: [String])
    case keeperFailed(AppName, reason: String)

    package var description: String {
        switch self {
        case .unknownApp(let app):
            "\(app) was never brought up here. `portless up` in its folder does that."
        case .unknownProcess(let app, let name, let known):
            """
            \(app) has no process called "\(name)". \
            It has: \(known.joined(separator: ", ")).
            """
        case .keeperFailed(let app, let reason):
            """
            The keeper of \(app) doesn't do its work: \(reason). \
            `portless doctor` looks for the cause.
            """
        }
    }
}

/// Removes a folder with all that is in it, without following links.
enum FolderRemoval {
    static func remove(_ folder: FilePath) throws {
        for name in DirectoryListing.names(folder) {
            let path = folder.appending(name)
            if try FileStatus.of(path, followingLinks: false)?.isDirectory == true {
                try remove(path)
            } else {
                try FileSystem.removeFile(path)
            }
        }
        try FileSystem.removeDirectory(folder)
    }
}
