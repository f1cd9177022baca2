import HostSystem
import PortlessCore

extension Keeper {
    /// While a port is asked, nothing else happens.
    private static let probe = HTTPProbe(limit: .milliseconds(500))

    /// Begins to look whether a process that was just spawned listens.
    func watchPorts(of process: KeptProcess, _ now: Instant) {
        let ports = Set(
            process.plan.ports.map(\.port) + [process.plan.primaryPort].compactMap(\.self)
        )
        process.life.spawned(isReady: ports.isEmpty, now: now)
        process.readiness = ports.isEmpty ? nil : ReadinessWatch(assigned: ports, now: now)
        process.nextLook = ports.isEmpty ? nil : now
    }

    /// Somebody was refused: looks where the processes with names listen now.
    func lookAgain(_ now: Instant) {
        for process in processes where process.root != nil && process.readiness == nil {
            guard process.names != nil, let assigned = process.plan.primaryPort else {
                continue
            }
            process.readiness = ReadinessWatch(
                again: assigned,
                others: Set(process.plan.ports.map(\.port)),
                now: now,
            )
            process.nextLook = now
        }
    }

    func lookAtPorts(of process: KeptProcess, _ now: Instant) {
        guard let root = process.root, process.readiness != nil else {
            process.nextLook = nil
            return
        }
        let pids = Set(ProcessChildren.withDescendants(of: root.pid) + process.known.map(\.pid))
        let sockets = (try? ListeningSockets.held(by: Array(pids))) ?? []
        let ports = Set(sockets.filter(\.answersLoopback).compactMap { Port(rawValue: $0.port) })
        guard var verdict = process.readiness?.observe(ports, now: now) else { return }
        if case .elsewhere(let ports) = verdict {
            if let port = Self.probe.first(of: ports, host: process.names?.names.all.first) {
                return follow(process, to: port)
            }
            verdict = process.readiness?.notServing(now: now) ?? .ready
        }
        switch verdict {
        case .ready, .elsewhere:
            process.readiness = nil
            process.nextLook = nil
            returnToAssigned(process, open: ports)
            process.life.becameReady()
        case .unchanged:
            process.readiness = nil
            process.nextLook = nil
        case .wait(let until): process.nextLook = until
        case .late(let until):
            process.nextLook = until
            guard process.life.runsUnready else { return }
            let expected = process.plan.primaryPort.map { "port \($0)" } ?? "any of its ports"
            process.life.becameLate(reason: "It doesn't listen on \(expected) yet.")
        }
    }

    /// It listens where it was told to, after its names had led elsewhere.
    private func returnToAssigned(_ process: KeptProcess, open: Set<Port>) {
        guard let assigned = process.plan.primaryPort, open.contains(assigned),
            let routed = process.names?.port, routed != assigned
        else { return }
        moveNames(of: process, to: assigned, "listens on port \(assigned) again")
    }

    /// It listens, but not where it was told to: its names lead there.
    private func follow(_ process: KeptProcess, to port: Port) {
        process.readiness = nil
        process.nextLook = nil
        let expected = process.plan.primaryPort.map { "\($0)" } ?? "the one it was given"
        guard let names = process.names, names.port != port else {
            return process.life.becameReady(
                reason: "It listens on port \(port), not \(expected)."
            )
        }
        moveNames(of: process, to: port, "listens on port \(port), not \(expected)")
        process.life.becameReady(reason: "It listens on port \(port), not \(expected).")
    }

    private func moveNames(of process: KeptProcess, to port: Port, _ reason: String) {
        do {
            try process.names?.move(to: port)
            note("\(reason); its names lead there", of: process)
        } catch {
            note("\(reason), but its names couldn't be moved: \(error)", of: process)
        }
    }
}
