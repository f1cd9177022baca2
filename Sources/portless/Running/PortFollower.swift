import HostSystem
import NIOCore
import NIOHTTP1
import PortlessCore

/// Lets an app's names follow it to the port that it really listens on.
struct PortFollower {
    private static let answerLimit = TimeAmount.seconds(2)

    let processID: Int32
    let hostnames: [Hostname]
    /// The app's other ports: that it listens there, too, is no move.
    let others: Set<Port>
    let owner: Route.Owner
    let routes: RoutesStore
    let console: Console
    private var watch: PortWatch

    init(
        processID: Int32,
        assigned: Port,
        hostnames: [Hostname],
        others: Set<Port> = [],
        owner: Route.Owner,
        routes: RoutesStore,
        console: Console,
    ) {
        self.processID = processID
        self.hostnames = hostnames
        self.others = others.subtracting([assigned])
        self.owner = owner
        self.routes = routes
        self.console = console
        watch = PortWatch(assigned: assigned)
    }

    /// Looks once; the result is how long to wait before the next look, nil for never.
    mutating func look() -> Duration? {
        var verdict = watch.observe(listeningPorts())
        if case .elsewhere(let ports) = verdict {
            guard let port = ports.first(where: speaksHTTP) else {
                verdict = watch.notServing()
                return pause(verdict)
            }
            follow(to: port, others: ports.filter { $0 != port })
            return nil
        }
        return pause(verdict)
    }

    private func pause(_ verdict: PortWatch.Verdict) -> Duration? {
        if case .wait(let pause) = verdict { pause } else { nil }
    }

    private func listeningPorts() -> Set<Port> {
        let processes = ProcessChildren.withDescendants(of: processID)
        let sockets = (try? ListeningSockets.held(by: processes)) ?? []
        let ports = sockets.filter(\.answersLoopback).compactMap { Port(rawValue: $0.port) }
        return Set(ports).subtracting(others)
    }

    private func speaksHTTP(_ port: Port) -> Bool {
        ["127.0.0.1", "::1"].contains { address in
            let request = LocalRequest(
                method: .HEAD,
                host: hostnames.first?.description ?? "localhost",
                address: address,
                port: port.number,
                limit: Self.answerLimit,
            )
            return (try? waiting { try await request.send() }) != nil
        }
    }

    private func follow(to port: Port, others: [Port]) {
        do {
            for hostname in hostnames {
                try routes.update(hostname, ownedBy: owner) { $0.move(to: port) }
            }
        } catch {
            console.report(error)
            return
        }
        let rest =
            others.isEmpty ? "" : " (also on \(others.map(\.description).joined(separator: ", ")))"
        console.say(
            "-- The app listens on port \(port)\(rest), not \(watch.assigned); its name leads there."
        )
    }
}
