import HostSystem
import PortlessCore
import SystemPackage

extension Keeper {
    static let memoryPause = Duration.seconds(5)
    private static let crashLines = 100
    /// How often the keeper checks whether processes that aren't its children have exited.
    private static let adoptedPause = Duration.milliseconds(250)
    private static let survivorPause = Duration.milliseconds(20)

    /// Reaps all children, and the orphans that they left to us.
    func collectEnded() {
        while let child = EndedChild.next() {
            if let process = processes.first(where: { $0.isChild && $0.root?.pid == child.pid }) {
                rootEnded(process, ProcessExit.Cause(child.end))
            }
            child.reap()
        }
    }

    func rootEnded(_ process: KeptProcess, _ cause: ProcessExit.Cause) {
        guard let root = process.root else { return }
        drainOutputs(of: process)
        let now = Instant.now
        let survivors = remaining(of: process, after: cause).subtracting([root])
        let wasRequested = process.life.expectsEnd
        var exit = ProcessExit(
            cause: cause,
            time: .now,
            uptime: process.startInstant?.duration(to: now) ?? .zero,
            wasRequested: wasRequested,
        )
        exit.hasTimedOut = process.life.hasTimedOut
        let actions = process.life.ended(cause, hasSurvivors: !survivors.isEmpty, now: now)
        if actions.contains(.adoptSurvivors) { return adopt(survivors, of: process) }
        finishLines(of: process)
        note("\(exit.phrase) after \(Self.seconds(exit.uptime)) s", of: process)
        if !wasRequested, cause != .code(0) {
            keepLastLines(of: process)
            recordCrash(of: process, exit)
        }
        process.lastExit = exit
        process.root = nil
        process.follower = nil
        process.health = nil
        process.nextLook = nil
        process.nextMemoryLook = nil
        if process.life.isEnding { process.nextSurvivorLook = now }
        perform(actions, on: process)
    }

    func perform(_ actions: [ProcessLife.Action], on process: KeptProcess) {
        for action in actions {
            switch action {
            case .spawn: spawn(process)
            case .terminate: send(.terminate, to: process)
            case .kill: send(.kill, to: process)
            case .adoptSurvivors: break
            case .note(let text): note(text, of: process)
            }
        }
        // A process that won't be restarted needs no names.
        if process.life.isResting { unroute(process) }
    }

    private func send(_ signal: Signal, to process: KeptProcess) {
        process.nextSurvivorLook = .now
        if signal == .terminate, process.plan.endsDescendants, let root = process.root {
            root.send(signal)
            root.send(.continue)
            return
        }
        let survivors = survivors(of: process)
        // The group as a whole, so that no member escapes by forking; no process is signalled
        // twice, which servers take for impatience.
        var others = Dictionary(grouping: survivors) { ProcessGroup.id(of: $0.pid) }
        if let root = process.root {
            let group =
                process.isChild
                ? ProcessGroup(of: ChildProcess(pid: root.pid)) : ProcessGroup(leader: root)
            if group.send(signal) { others[group.id] = nil }
        }
        for other in others.values.joined() { other.send(signal) }
        // A stopped process handles other signals only after SIGCONT.
        if signal != .kill { for survivor in survivors { survivor.send(.continue) } }
    }

    /// A process that went into the background is watched there.
    private func adopt(_ survivors: Set<ProcessIdentity>, of process: KeptProcess) {
        let children = Set(ProcessChildren.children(of: own.pid))
        let sorted = survivors.sorted { $0.pid < $1.pid }
        let child = sorted.first { children.contains($0.pid) }
        guard let root = child ?? sorted.first else { return }
        process.root = root
        process.isChild = child != nil
        process.known = survivors
        process.nextSurvivorLook = process.isChild ? nil : .now
        note("went into the background as process \(root.pid)", of: process)
    }

    // MARK: Polling

    func passDeadlines(_ now: Instant) {
        for process in processes {
            if let due = process.nextSurvivorLook, due <= now {
                lookForSurvivors(of: process, now)
            }
            if let due = process.nextLook, due <= now { lookAtPorts(of: process, now) }
            if let due = process.nextReopening, due <= now { reopenOutputs(of: process, now) }
            if let due = process.nextMemoryLook, due <= now { lookAtMemory(of: process, now) }
            if let due = process.life.deadline, due <= now {
                let actions = process.life.deadlinePassed(now: now)
                perform(actions, on: process)
            }
        }
    }

    /// The kernel reports a process's exit only to its parent, so the keeper polls.
    private func lookForSurvivors(of process: KeptProcess, _ now: Instant) {
        process.nextSurvivorLook = nil
        if let root = process.root, !process.isChild {
            guard root.isAlive else { return rootEnded(process, .unknown) }
            process.nextSurvivorLook =
                now.advanced(by: process.life.isEnding ? Self.survivorPause : Self.adoptedPause)
            return
        }
        guard process.life.isEnding, process.root == nil else { return }
        guard survivors(of: process).isEmpty else {
            process.nextSurvivorLook = now.advanced(by: Self.survivorPause)
            return
        }
        process.known = []
        perform(process.life.gone(now: now), on: process)
    }

    private func lookAtMemory(of process: KeptProcess, _ now: Instant) {
        process.nextMemoryLook = now.advanced(by: Self.memoryPause)
        guard let limit = process.plan.memoryLimit, let root = process.root else { return }
        let used = ProcessUsage.sum(of: ProcessChildren.withDescendants(of: root.pid)).memory
        guard used > limit else { return }
        perform(process.life.exceededMemory(now: now), on: process)
    }

    // MARK: Crashes

    private func keepLastLines(of process: KeptProcess) {
        process.log.flush()
        var bytes: [UInt8] = process.log.unwritten
        if bytes.isEmpty {
            let file = LogFile(path: folder.log(of: process.name), process: process.name)
            var format = LogFormat()
            let lines = Array(LogExcerpt(of: [file], last: Self.crashLines))
            for line in lines.suffix(Self.crashLines) {
                format.append(line, to: &bytes)
            }
        }
        // On a full disk there is no place to keep them.
        try? AtomicFile.write(
            bytes,
            to: folder.crash(of: process.name),
            mode: .ownerReadWrite,
            isDurable: false,
        )
    }

    private static func seconds(_ duration: Duration) -> String {
        let milliseconds = duration.milliseconds
        return "\(milliseconds / 1000).\(milliseconds % 1000 / 100)"
    }
}

extension ProcessExit.Cause {
    init(_ end: ProcessEnd) {
        switch end {
        case .exited(let code): self = .code(code)
        case .signalled(let signal): self = .signal(signal.rawValue)
        }
    }
}
