import HostSystem
import PortlessCore
import SystemPackage

extension Supervisor {
    /// After this many starts of an app's keepers within a minute, the next one has to wait.
    private static let mostLaunches = 10
    /// The first and the longest pause before a failed start of a keeper is repeated.
    private static let retryPauses = Duration.seconds(1)...Duration.seconds(60)

    /// Connects to all running keepers and keeps the connections until the task is cancelled.
    ///
    /// Keepers that were killed are replaced, however often: their processes' pipes fill up until a
    /// keeper reads them. No app is ended.
    package func run() async {
        await findKeepers()
        await withDiscardingTaskGroup { group in
            for app in model.apps where !connections.isConnected(app.name) {
                group.addTask { await self.replaceKeeper(of: app.name) }
            }
            for await app in lost {
                group.addTask { await self.replaceKeeper(of: app) }
            }
            group.cancelAll()
        }
        disconnect()
    }

    /// Closes the connections to all keepers; no more requests are possible.
    func disconnect() {
        connections.stop()
    }

    /// Reads the state directory and connects to the keepers, as `run` does first.
    package func findKeepers() async {
        let apps = DirectoryListing.names(directory[root]).sorted().compactMap { name in
            let app = try? AppName(parsing: name)
            return app?.description == name ? app : nil
        }
        await withDiscardingTaskGroup { group in
            for app in apps where model.app(app) == nil {
                load(app)
                guard isKept(folder(of: app)) || needsKeeper(app) else { continue }
                // A slow keeper must not delay the others.
                group.addTask { await self.revive(app) }
            }
        }
    }

    /// Connects to the app's keeper, and starts one if there is none.
    func ensureKeeper(_ app: AppName) async throws {
        let folder = folder(of: app)
        for _ in 0..<Self.connectAttempts where !connections.isConnected(app) {
            do {
                if !isKept(folder) {
                    launches[app, default: []].append(.now)
                    try await launch(folder)
                }
            } catch {
                throw SupervisorError.keeperFailed(app, reason: "\(error)")
            }
            do {
                return try await connect(app, folder)
            } catch is SystemError {
                // A keeper about to exit still holds its lock, but doesn't listen any more.
                try await Task.sleep(for: Self.connectPause)
            }
        }
        guard connections.isConnected(app) else {
            throw SupervisorError.keeperFailed(app, reason: "it doesn't answer")
        }
    }

    /// Runs on a thread of its own, because it waits for another process.
    private func launch(_ folder: KeeperFolder) async throws {
        let launchKeeper = launchKeeper
        try await withCheckedThrowingContinuation { continuation in
            let isStarted = SystemThread.start {
                continuation.resume(with: Result { try launchKeeper(folder) })
            }
            guard !isStarted else { return }
            continuation.resume(
                throwing: SystemError("start a thread", errno: .resourceTemporarilyUnavailable)
            )
        }
    }

    /// Replaces a keeper that was killed, and retries until that works.
    private func replaceKeeper(of app: AppName) async {
        KeeperChildren.shared.reapEnded()
        var pause = Self.retryPauses.lowerBound
        while !Task.isCancelled, model.app(app) != nil, !connections.isConnected(app) {
            // A keeper about to exit removes its record first, and holds the lock until the end.
            load(app)
            guard needsKeeper(app) else { return }
            if await revive(app) { return }
            // An obstacle such as a resource limit may pass.
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, Self.retryPauses.upperBound)
        }
    }

    /// Connects to a keeper that replaces one that was killed; false if that failed.
    @discardableResult
    private func revive(_ app: AppName) async -> Bool {
        let now = ContinuousClock.now
        let recent = (launches[app] ?? []).filter { $0.duration(to: now) < .seconds(60) }
        launches[app] = recent
        // A keeper that is about to exit may close several connections.
        guard recent.count < Self.mostLaunches else {
            setProblem(of: app, "Its keeper ends again and again.")
            return false
        }
        do {
            try await ensureKeeper(app)
            return true
        } catch {
            setProblem(of: app, "\(error)")
            return false
        }
    }

    /// Whether a keeper lives: it holds the lock for as long as it does.
    func isKept(_ folder: KeeperFolder) -> Bool {
        guard let lock = try? HeldLock.take(at: folder.lock) else {
            // Without the folder there is no keeper.
            return (try? FileStatus.of(folder.path)) != nil
        }
        extendLifetime(lock)
        return false
    }

    /// Whether a killed keeper left processes that another one has to take over.
    ///
    /// Unreadable files are left for the user to look at.
    private func needsKeeper(_ app: AppName) -> Bool {
        model.app(app)?.problem == nil && wasKilled(folder(of: app))
    }

    /// Whether a keeper was killed here; processes in another container are out of reach.
    func wasKilled(_ folder: KeeperFolder) -> Bool {
        do {
            if let keeper = try folder.readKeeper() { return keeper.standing != .elsewhere }
            // The keeper may never have written its own file, as on a full disk.
            let status = try folder.readStatus()
            return status?.processes.contains { $0.identity?.isVerified == true } ?? false
        } catch {
            return false
        }
    }

    /// Takes over the stored state of an app without a keeper.
    func load(_ app: AppName) {
        guard var stored = StoredApps.read(app, in: directory, root) else { return }
        if stored.problem != nil, let known = model.app(app) {
            (stored.onRequest, stored.needs, stored.names) =
                (known.onRequest, known.needs, known.names)
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
}
