import PortlessCore

extension Keeper {
    func handle(_ request: KeeperRequest?, _ id: Int, _ client: KeeperClient) {
        noteRequest()
        let now = Instant.now
        switch request {
        case .up(let only): bringUp(only, id, client)
        case .start(let name):
            guard let chosen = choose(name, id, client) else { return }
            for process in withDependencies(chosen) {
                perform(process.life.start(now: now), on: process)
            }
            awaitEnd(chosen, id, client) { $0.life.isSettled }
        case .restart(let name):
            guard let chosen = choose(name, id, client) else { return }
            for process in withDependencies(chosen) {
                let isChosen = chosen.contains { $0 === process }
                let actions =
                    isChosen ? process.life.restart(now: now) : process.life.start(now: now)
                perform(actions, on: process)
            }
            awaitEnd(chosen, id, client) { $0.life.isSettled }
        case .stop(let name):
            guard let chosen = choose(name, id, client) else { return }
            for process in chosen { perform(process.life.stop(now: now), on: process) }
            awaitEnd(chosen, id, client) { $0.life.isResting }
        case .watch:
            client.watches = true
            client.send(.status(processes.map { $0.snapshot(now: now) }))
        case .follow(let isOn):
            client.follows = isOn
            client.send(.answer(id, []))
        case .quit:
            quit()
            awaitEnd(processes, id, client) { $0.life.isResting }
        case nil: client.send(.refusal(id, "this keeper is too old to understand that"))
        }
    }

    /// Answers the requests that are done.
    func answer(_ now: Instant) {
        pending.removeAll { pending in
            guard !pending.client.socket.isGone else { return true }
            let chosen = pending.processes.compactMap(process)
            guard chosen.allSatisfy(pending.isDone) else { return false }
            let outcomes = chosen.map { process in
                let state = process.life.state(now: now)
                return ProcessOutcome(
                    process: process.name,
                    state: state,
                    error: [.errored, .unknown].contains(state) ? process.life.reason : nil,
                )
            }
            pending.client.send(.answer(pending.id, outcomes))
            return true
        }
    }

    private func bringUp(_ only: [String]?, _ id: Int, _ client: KeeperClient) {
        let new: SupervisionPlan
        do {
            guard let read = try folder.readPlan() else {
                return client.send(.refusal(id, "\(folder.plan) isn't there"))
            }
            new = read
        } catch {
            return client.send(.refusal(id, "\(error)"))
        }
        if let unknown = only?.first(where: { name in
            !new.processes.contains { $0.name == name }
        }) {
            return client.send(.refusal(id, "there is no process \(unknown)"))
        }
        adopt(new)
        let chosen = processes.filter { $0.isPlanned && only?.contains($0.name) ?? true }
        for process in withDependencies(chosen) {
            perform(process.life.start(now: .now), on: process)
        }
        tellAll()
        awaitEnd(chosen, id, client) { $0.life.isSettled }
    }

    private func choose(_ name: String?, _ id: Int, _ client: KeeperClient) -> [KeptProcess]? {
        guard let name else { return processes.filter(\.isPlanned) }
        if let process = process(name) { return [process] }
        client.send(.refusal(id, "there is no process \(name)"))
        return nil
    }

    private func awaitEnd(
        _ chosen: [KeptProcess],
        _ id: Int,
        _ client: KeeperClient,
        _ isDone: @escaping (KeptProcess) -> Bool,
    ) {
        pending.append(
            Pending(client: client, id: id, processes: chosen.map(\.name), isDone: isDone)
        )
    }

    func process(_ name: String) -> KeptProcess? {
        processes.first { $0.name == name }
    }

    /// The processes and all that they wait for, however indirectly.
    private func withDependencies(_ chosen: [KeptProcess]) -> [KeptProcess] {
        var found: [KeptProcess] = []
        var next = chosen
        while let process = next.popLast() {
            guard !found.contains(where: { $0 === process }) else { continue }
            found.append(process)
            next += process.life.dependencies.compactMap(self.process)
        }
        // In the order of the plan.
        return processes.filter { process in found.contains { $0 === process } }
    }
}
