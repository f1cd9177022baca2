import PortlessCore

/// One request of one client.
struct KeeperCall {
    let client: KeeperClient
    let id: Int

    func answer(_ outcomes: [ProcessOutcome]) { client.send(.answer(id, outcomes)) }
    func refuse(_ reason: String) { client.send(.refusal(id, reason)) }
}

extension Keeper {
    /// How long a request to stop is waited for beyond the processes' own time to end: longer than
    /// one that survives SIGKILL is.
    private static let stopPatience = Duration.seconds(10)

    func handle(_ request: KeeperRequest?, _ call: KeeperCall) {
        noteRequest()
        let now = Instant.now
        switch request {
        case .up(let only): bringUp(only, call)
        case .start(let name):
            guard let chosen = choose(name, call) else { return }
            start(chosen) { $0.start(now: now) }
            awaitEnd(of: call, chosen) { $0.life.isSettled }
        case .restart(let name):
            guard let chosen = choose(name, call) else { return }
            start(chosen) { $0.restart(now: now) }
            awaitEnd(of: call, chosen) { $0.life.isSettled }
        case .kill(let name):
            guard let chosen = choose(name, call) else { return }
            for process in chosen { perform(process.life.kill(now: now), on: process) }
            let deadline = now.advanced(by: Self.stopPatience)
            awaitEnd(of: call, chosen, until: deadline) { $0.life.isResting }
        case .stop(let name):
            guard let chosen = choose(name, call) else { return }
            for process in chosen { perform(process.life.stop(now: now), on: process) }
            let patience = Self.stopPatience + (chosen.map(\.plan.killTimeout).max() ?? .zero)
            awaitEnd(of: call, chosen, until: now.advanced(by: patience)) { $0.life.isResting }
        case .watch:
            call.client.watches = true
            call.client.send(.status(processes.map { $0.snapshot(now: now) }))
        case .follow(let isOn):
            call.client.follows = isOn
            call.answer([])
        case .quit:
            quit()
            awaitEnd(of: call, processes) { $0.life.isResting }
        case nil: call.refuse("this keeper is too old to understand that")
        }
    }

    /// Answers the requests that are complete.
    func answer(_ now: Instant) {
        pending.removeAll { pending in
            guard !pending.call.client.socket.isGone else { return true }
            let chosen = pending.processes.compactMap(process)
            let isOverdue = pending.deadline.map { $0 <= now } ?? false
            guard isOverdue || chosen.allSatisfy(pending.isDone) else { return false }
            pending.call.answer(
                chosen.map { process in
                    let state = process.life.state(now: now)
                    var outcome = ProcessOutcome(process: process.name, state: state)
                    if !pending.isDone(process) {
                        outcome.error = "It doesn't end."
                    } else if [.errored, .unknown].contains(state) {
                        outcome.error = process.life.reason
                    }
                    return outcome
                }
            )
            return true
        }
    }

    /// Answers the requests to stop whose processes another request starts: they may never rest.
    private func overtake(_ started: [KeptProcess]) {
        let names = Set(started.map(\.name))
        pending.removeAll { pending in
            guard pending.deadline != nil, !names.isDisjoint(with: pending.processes) else {
                return false
            }
            pending.call.answer(
                pending.processes.compactMap(process).map { process in
                    guard names.contains(process.name) else {
                        return ProcessOutcome(process: process.name, state: .stopped)
                    }
                    return ProcessOutcome(
                        process: process.name,
                        state: .starting,
                        error: "It was started again by another command.",
                    )
                }
            )
            return true
        }
    }

    private func bringUp(_ only: [String]?, _ call: KeeperCall) {
        let new: SupervisionPlan
        do {
            guard let read = try folder.readPlan() else {
                return call.refuse("\(folder.plan) isn't there")
            }
            new = read
        } catch {
            return call.refuse("\(error)")
        }
        let names = new.processes.map(\.name)
        if let unknown = only?.first(where: { !names.contains($0) }) {
            return call.refuse("there is no process \(unknown)")
        }
        adopt(new)
        let chosen = processes.filter { $0.isPlanned && only?.contains($0.name) ?? true }
        start(chosen) { life in
            life.forgetRestarts()
            return life.start(now: .now)
        }
        tellAll()
        awaitEnd(of: call, chosen) { $0.life.isSettled }
    }

    /// The named process, or all; where the name is unknown, answers the client and returns nil.
    private func choose(_ name: String?, _ call: KeeperCall) -> [KeptProcess]? {
        guard let name else { return processes.filter(\.isPlanned) }
        if let process = process(name) { return [process] }
        call.refuse("there is no process \(name)")
        return nil
    }

    /// Starts the processes and all their dependencies, direct or not.
    private func start(
        _ chosen: [KeptProcess],
        _ begin: (inout ProcessLife) -> [ProcessLife.Action],
    ) {
        var found: [KeptProcess] = []
        var next = chosen
        while let process = next.popLast() {
            guard !found.contains(where: { $0 === process }) else { continue }
            found.append(process)
            next += process.life.dependencies.compactMap(self.process)
        }
        overtake(found)
        // In the order of the plan.
        for process in processes where found.contains(where: { $0 === process }) {
            let isChosen = chosen.contains { $0 === process }
            let actions = isChosen ? begin(&process.life) : process.life.start(now: .now)
            perform(actions, on: process)
        }
    }

    private func awaitEnd(
        of call: KeeperCall,
        _ chosen: [KeptProcess],
        until deadline: Instant? = nil,
        isDone: @escaping (KeptProcess) -> Bool,
    ) {
        pending.append(
            Pending(
                call: call,
                processes: chosen.map(\.name),
                deadline: deadline,
                isDone: isDone,
            )
        )
    }

    func process(_ name: String) -> KeptProcess? {
        processes.first { $0.name == name }
    }
}
