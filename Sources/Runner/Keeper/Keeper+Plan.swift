import HostSystem
import PortlessCore
import SystemPackage

extension Keeper {
    /// Starts the processes whose turn has come.
    func startWaiting(_ now: Instant) {
        // Each start may be what another one waits for.
        var hasChanged = true
        while hasChanged {
            hasChanged = false
            for process in processes where process.life.isWaiting {
                guard let actions = turn(of: process, now) else { continue }
                perform(actions, on: process)
                hasChanged = true
            }
        }
    }

    /// Nil while something it waits for isn't there yet.
    private func turn(of process: KeptProcess, _ now: Instant) -> [ProcessLife.Action]? {
        for name in process.life.dependencies {
            guard let other = self.process(name) else { continue }
            let standing = other.life.standing(
                of: name,
                isTask: other.plan.isTask,
                hasEndedWell: other.lastExit?.cause == .code(0),
                now: now,
            )
            switch standing {
            case .there: continue
            case .failed: return process.life.dependencyFailed(name)
            case .coming(let late):
                process.life.waits(for: late)
                return nil
            }
        }
        return process.life.dependenciesMet()
    }

    /// Makes the processes those of a new plan.
    func adopt(_ new: SupervisionPlan) {
        var kept: [KeptProcess] = []
        for planned in new.processes {
            if let old = process(planned.name), old.plan.isSame(as: planned),
                new.sameLimits(as: plan)
            {
                // The caller's environment counts from the next start on.
                old.plan = planned
                kept.append(old)
                continue
            }
            let old = process(planned.name)
            old?.log.flush()
            if let old { unroute(old) }
            let fresh = KeptProcess(planned, limits: new, folder: folder, cursor: cursor)
            if let old {
                fresh.succeed(old, now: .now)
                let wasComing = !old.life.isResting
                if wasComing { perform(fresh.life.restart(now: .now), on: fresh) }
            }
            kept.append(fresh)
        }
        let removed = processes.filter { old in !kept.contains { $0.name == old.name } }
        plan = new
        processes = kept + removed
        for process in removed {
            perform(process.life.stop(now: .now), on: process)
            process.isPlanned = false
        }
        dropRemoved()
    }

    /// Forgets what isn't planned any more and has ended.
    func dropRemoved() {
        let gone = processes.filter { !$0.isPlanned && $0.life.isResting && $0.root == nil }
        guard !gone.isEmpty else { return }
        processes.removeAll { process in gone.contains { $0 === process } }
        for process in gone {
            for pipe in process.outputs { try? pipe.reading.close() }
        }
        tellAll()
    }

    /// Takes over a process as an earlier keeper left it.
    ///
    /// `spawned` is the process that says of itself that it is the one; `isSameRun` tells that the
    /// keeper was killed, and that the system still runs.
    func restore(
        _ process: KeptProcess,
        from old: SupervisedProcess,
        spawned: ProcessIdentity?,
        isSameRun: Bool,
    ) {
        process.lastExit = old.lastExit
        let wasActive = old.state.isActive || spawned != nil
        let reason = wasActive && !isSameRun ? "The computer was restarted." : old.reason
        process.life.restore(
            wasActive ? .stopped : old.state,
            restarts: old.restarts,
            unstableRestarts: isSameRun ? old.unstableRestarts : 0,
            reason: reason,
        )
        guard wasActive, isSameRun else { return }
        let now = Instant.now
        reopenOutputs(of: process)
        guard let root = spawned ?? old.identity else {
            // It waited for its turn, or for the next try.
            return perform(process.life.start(now: now), on: process)
        }
        process.root = root
        process.isChild = false
        process.wasRecovered = true
        process.lastGroup = root.pid
        process.startedAt = old.startedAt
        let age = old.startedAt.map { SystemClock.now / 1_000_000 - $0 } ?? 0
        process.startInstant = now.advanced(by: .milliseconds(-max(age, 0)))
        watchPorts(of: process, now)
        guard root.isAlive, root.namespace == own.namespace else {
            // It ended while nobody watched.
            return rootEnded(process, .unknown)
        }
        do {
            try route(process, to: old.primaryPort ?? process.plan.primaryPort)
        } catch {
            note("its names couldn't be registered again: \(error)", of: process)
        }
        note("a new keeper watches process \(root.pid)", of: process)
        process.nextSurvivorLook = now
        process.nextMemoryLook = process.plan.memoryLimit.map { _ in now }
        if old.state == .stopping { perform(process.life.stop(now: now), on: process) }
    }

    /// The process that wrote down its own PID after the status was last written.
    func announced(_ process: KeptProcess) -> ProcessIdentity? {
        guard let bytes = try? AtomicFile.read(folder.pid(of: process.name)), bytes.count == 4
        else { return nil }
        let pid = bytes.withUnsafeBytes { $0.loadUnaligned(as: Int32.self) }
        // The number alone may be anybody's by now.
        guard ProcessDetails.environment(of: pid)?[Self.marker] == marker(of: process) else {
            return nil
        }
        return ProcessIdentity.of(pid: pid)
    }

    /// Goes on reading what the processes of the killed keeper write.
    private func reopenOutputs(of process: KeptProcess) {
        for stream in [LogLine.Stream.output, .error] {
            let path = folder.pipe(of: process.name, stream)
            guard let reading = try? NamedPipe.openReading(path) else { continue }
            process.outputs.append(OutputPipe(stream: stream, reading: reading))
        }
    }
}

extension PlannedProcess {
    /// Something that is to be done once, such as a migration: others wait for its end.
    fileprivate var isTask: Bool { !restart.isAutomatic && ports.isEmpty && primaryPort == nil }
}

extension SupervisionPlan {
    fileprivate func sameLimits(as other: SupervisionPlan) -> Bool {
        logSize == other.logSize && logCount == other.logCount
    }
}
