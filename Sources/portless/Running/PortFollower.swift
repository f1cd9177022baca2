import HostSystem
import PortlessCore

/// Lets an app's names follow it to the port that it really listens on.
struct PortFollower {
    let processID: Int32
    let hostnames: [Hostname]
    /// The app's other ports: that it listens there, too, is no move.
    let others: Set<Port>
    let owner: Route.Owner
    let routes: RoutesStore
    let console: Console
    /// The app's name where there are several.
    let label: String?
    private var watch: PortWatch
    /// The further ports that the user was told of.
    private var told: Set<Port> = []

    init(
        processID: Int32,
        assigned: Port,
        hostnames: [Hostname],
        others: Set<Port> = [],
        owner: Route.Owner,
        routes: RoutesStore,
        console: Console,
        label: String? = nil,
    ) {
        self.processID = processID
        self.hostnames = hostnames
        self.others = others.subtracting([assigned])
        self.owner = owner
        self.routes = routes
        self.console = console
        self.label = label
        watch = PortWatch(assigned: assigned)
    }

    /// Looks once; the result is how long to wait before the next look, nil for no more until
    /// somebody asks.
    mutating func look() -> Duration? {
        let ports = listeningPorts()
        var verdict = watch.observe(ports, now: .now)
        switch verdict {
        case .wait: break
        case .settled: tellOthers(ports)
        case .moveToAssigned:
            verdict = follow(to: watch.assigned, of: [watch.assigned], open: ports)
        case .choose(let candidates):
            if let port = HTTPPort.first(of: candidates, host: hostnames.first) {
                verdict = follow(to: port, of: candidates, open: ports)
            } else {
                verdict = watch.notServing()
            }
        }
        if case .wait(let pause) = verdict { return pause }
        return nil
    }

    private func listeningPorts() -> Set<Port> {
        let processes = ProcessChildren.withDescendants(of: processID)
        let sockets = (try? ListeningSockets.held(by: processes)) ?? []
        let ports = sockets.filter { $0.kind == .tcp && $0.answersLoopback }
            .compactMap { Port(rawValue: $0.port) }
        return Set(ports).subtracting(others)
    }

    private mutating func follow(
        to port: Port,
        of candidates: [Port],
        open: Set<Port>,
    ) -> PortWatch.Verdict {
        if port != watch.current {
            do {
                for hostname in hostnames {
                    try routes.update(hostname, ownedBy: owner) { $0.move(to: port) }
                }
            } catch {
                console.report(error)
                return watch.notServing()
            }
            let not = port == watch.assigned ? "" : ", not \(watch.assigned)"
            told = open.subtracting([port])
            console.say("-- \(app) listens on port \(port)\(rest)\(not); its name leads there.")
        }
        return watch.moved(to: port, among: candidates, now: .now)
    }

    /// Shows what else an app listens on that came up where it was told to.
    private mutating func tellOthers(_ open: Set<Port>) {
        let others = open.subtracting([watch.current])
        guard open.contains(watch.current), !others.isSubset(of: told) else { return }
        told = others
        console.say("-- \(app) listens on port \(watch.current)\(rest).")
    }

    private var app: String { label ?? "The app" }

    private var rest: String {
        let list = told.sorted().map(\.description).joined(separator: ", ")
        return told.isEmpty ? "" : " (also on \(list))"
    }
}
