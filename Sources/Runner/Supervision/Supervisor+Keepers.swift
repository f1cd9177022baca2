import HostSystem
import PortlessCore
import SystemPackage

extension Supervisor {
    /// After so many starts of an app's keepers within a minute, the next one has to wait.
    private static let mostLaunches = 10
    /// The pause before a keeper that couldn't be started is tried again, at first and at most.
    private static let retryPauses = Duration.seconds(1)...Duration.seconds(60)

    /// Finds the keepers that run and stays in touch with them until the task is cancelled.
    ///
    /// Keepers that were killed are replaced, however often that takes: what their processes write
    /// fills their pipes until it is read. No app is ended.
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

    /// Leaves all keepers to themselves; nothing can be asked of them here any more.
    func disconnect() {
        connections.stop()
    }

    /// Takes stock of the apps in the state directory, as at the start of `run`.
    package func findKeepers() async {
        let apps = DirectoryListing.names(directory[.apps]).sorted().compactMap { name in
            let app = try? AppName(parsing: name)
            return app?.description == name ? app : nil
        }
        await withDiscardingTaskGroup { group in
            for app in apps where model.app(app) == nil {
                load(app)
                guard isKept(folder(of: app)) || needsKeeper(app) else { continue }
                // One that is slow keeps none of the others waiting.
                group.addTask { await self.revive(app) }
            }
        }
    }

    /// Gets in touch with the app's keeper, which is started if there is none.
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
                // One that ends is still there, and doesn't listen any more.
                try await Task.sleep(for: Self.connectPause)
            }
        }
        guard connections.isConnected(app) else {
            throw SupervisorError.keeperFailed(app, reason: "it doesn't answer")
        }
    }

    /// On a thread of its own, because it waits for another process.
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

    /// Starts another keeper in place of one that was killed, until it works.
    private func replaceKeeper(of app: AppName) async {
        KeeperChildren.shared.reapEnded()
        var pause = Self.retryPauses.lowerBound
        while !Task.isCancelled, model.app(app) != nil, !connections.isConnected(app) {
            // One that is about to end removes its record first, and holds the lock to its last.
            load(app)
            guard needsKeeper(app) else { return }
            if await revive(app) { return }
            // What stands in the way, such as a limit that was reached, may pass.
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, Self.retryPauses.upperBound)
        }
    }

    /// Gets in touch with a keeper that should be there, in place of one that was killed; false if
    /// that didn't work.
    @discardableResult
    private func revive(_ app: AppName) async -> Bool {
        let now = ContinuousClock.now
        let recent = (launches[app] ?? []).filter { $0.duration(to: now) < .seconds(60) }
        launches[app] = recent
        // A connection may be lost several times to one that is just ending.
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

    /// Whether some keeper lives: it holds the lock for as long as it does.
    func isKept(_ folder: KeeperFolder) -> Bool {
        guard let lock = try? HeldLock.take(at: folder.lock) else {
            // Where the folder itself is gone, no keeper is in it.
            return (try? FileStatus.of(folder.path)) != nil
        }
        extendLifetime(lock)
        return false
    }

    /// Whether another keeper has to take over what one that was killed has left.
    ///
    /// Files that can't be understood are for the user to look at, and stay as they are.
    private func needsKeeper(_ app: AppName) -> Bool {
        model.app(app)?.problem == nil && wasKilled(folder(of: app))
    }

    /// Whether a keeper was killed here; what it has left in another container is out of reach.
    func wasKilled(_ folder: KeeperFolder) -> Bool {
        do {
            if let keeper = try folder.readKeeper() { return keeper.standing != .elsewhere }
            // It may never have come to write its own file, as on a full disk.
            let status = try folder.readStatus()
            return status?.processes.contains { $0.identity?.isVerified == true } ?? false
        } catch {
            return false
        }
    }

    /// Takes what the files say of an app without a keeper.
    func load(_ app: AppName) {
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
}
