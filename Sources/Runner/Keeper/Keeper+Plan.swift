import HostSystem
import PortlessCore
import SystemPackage

extension Keeper {
    /// Starts the processes whose turn has come.
    func startWaiting(_ now: Instant) {
        // Each start may be the one that another process waits for.
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

    /// Nil while a dependency isn't ready.
    private func turn(of process: KeptProcess, _ now: Instant) -> [ProcessLife.Action]? {
        for name in process.life.dependencies {
            guard let other = self.process(name) else { continue }
            let standing = other.life.standing(
                of: name,
                isTask: other.plan.isTask,
                hasEndedWell: other.lastExit?.cause == .code(0),
                health: other.health,
                now: now,
            )
            switch standing {
            case .there: continue
            case .failed: return process.life.dependencyFailed(name)
            case .coming(let late):
                let problem = late.flatMap { self.process($0)?.health?.health.problem }
                process.life.waits(for: late, on: name, problem: problem)
                return nil
            }
        }
        return process.life.dependenciesMet()
    }

    /// Replaces the processes by those of a new plan.
    func adopt(_ new: SupervisionPlan) {
        var kept: [KeptProcess] = []
        for planned in new.processes {
            if let old = process(planned.name), old.plan.isSame(as: planned),
                new.sameLimits(as: plan)
            {
                // The caller's environment applies from the next start on.
                let hasNewCheck = old.plan.health != planned.health
                old.plan = planned
                if hasNewCheck, old.root != nil { watchHealth(of: old, .now) }
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

    /// Removes processes that aren't in the plan any more and have ended.
    func dropRemoved() {
        let gone = processes.filter { !$0.isPlanned && $0.life.isResting && $0.root == nil }
        guard !gone.isEmpty else { return }
        processes.removeAll { process in gone.contains { $0 === process } }
        for process in gone {
            for pipe in process.outputs { try? pipe.reading.close() }
        }
        tellAll()
    }

    /// Takes over a process from an earlier keeper.
    ///
    /// `spawned` is the process that wrote down its own PID; `predecessor` is the keeper that was
    /// killed, and `boot` the boot during which it last wrote its status.
    func restore(
        _ process: KeptProcess,
        from old: SupervisedProcess,
        spawned: ProcessIdentity?,
        predecessor: ProcessIdentity?,
        boot: String?,
    ) {
        process.lastExit = old.lastExit
        let wasActive = old.state.isActive || spawned != nil
        let origin = Origin(of: spawned ?? old.identity, predecessor: predecessor, boot: boot)
        let isHere = origin == .here
        process.life.restore(
            wasActive ? origin.restingState : old.state,
            restarts: old.restarts,
            unstableRestarts: isHere ? old.unstableRestarts : 0,
            reason: wasActive && !isHere ? origin.reason : old.reason,
        )
        guard wasActive else { return }
        guard isHere else {
            if let reason = origin.reason { note("not taken over: \(reason)", of: process) }
            return
        }
        let now = Instant.now
        reopenOutputs(of: process, now)
        guard let root = spawned ?? old.identity else {
            // It waited for its dependencies, or for its next restart.
            return perform(process.life.start(now: now), on: process)
        }
        process.root = root
        process.isChild = false
        process.wasRecovered = true
        process.lastGroup = root.pid
        process.startedAt = old.startedAt
        let age = old.startedAt?.duration(to: .now) ?? .zero
        process.startInstant = now.advanced(by: .zero - max(age, .zero))
        watchPorts(of: process, leadingTo: old.primaryPort, now)
        guard root.isVerified else {
            // It exited while no keeper watched.
            return rootEnded(process, .unknown)
        }
        do {
            try route(process, moved: old.primaryPort)
            recordLeader(of: process)
        } catch {
            note("its names couldn't be registered again: \(error)", of: process)
        }
        note("a new keeper watches process \(root.pid)", of: process)
        process.nextSurvivorLook = now
        process.nextMemoryLook = process.plan.memoryLimit.map { _ in now }
        if old.state == .stopping { perform(process.life.stop(now: now), on: process) }
    }

    /// The process that wrote down its own PID after the last write of the status.
    func announced(_ process: KeptProcess) -> ProcessIdentity? {
        // By now any process may have that PID.
        guard let pid = folder.readPID(of: process.name), pid > 1,
            let found = ProcessIdentity.of(pid: pid), isMarked(found, as: process),
            found.sharesNamespaces
        else { return nil }
        return found
    }

    /// Goes on reading the output of the killed keeper's processes, which block while their pipes
    /// are full.
    func reopenOutputs(of process: KeptProcess, _ now: Instant) {
        process.nextReopening = nil
        for stream in [LogLine.Stream.output, .error]
        where !process.outputs.contains(where: { $0.stream == stream }) {
            let path = folder.pipe(of: process.name, stream)
            do {
                let reading = try NamedPipe.openReading(path)
                process.outputs.append(OutputPipe(stream: stream, reading: reading))
            } catch  where error.errno.isShortage {
                process.nextReopening = now.advanced(by: Self.reopeningPause)
            } catch {
                // Without a named pipe its output ended with the keeper.
            }
        }
    }

    private static let reopeningPause = Duration.seconds(1)
}

extension PlannedProcess {
    /// A task that runs once, such as a migration: others wait for its end.
    fileprivate var isTask: Bool { !restart.isAutomatic && ports.isEmpty && primaryPort == nil }
}

extension SupervisionPlan {
    fileprivate func sameLimits(as other: SupervisionPlan) -> Bool {
        logSize == other.logSize && logCount == other.logCount
    }
}
