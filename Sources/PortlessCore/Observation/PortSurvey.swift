package import HostSystem

/// Looks at this machine: who listens, and what the apps of a state directory claim.
package struct PortSurvey: Sendable {
    package let claims: PortClaims
    package let listeners: [ObservedListener]
    /// The processes that hold each listening socket, with their start times.
    package let holders: [Port: [ProcessIdentity]]
    /// The same of sockets that receive UDP.
    package let receivers: [Port: [ProcessIdentity]]
    private let features: [FeaturePort]

    /// Reads the state and asks the system once; `supervised` are the apps in the background.
    package static func take(
        of directory: StateDirectory,
        tlds: [TLD],
        supervised: [SupervisedApp] = [],
    ) throws -> PortSurvey {
        let store = RoutesStore(directory: directory)
        let living = try store.list()
        let ended = try store.dead()
        let claims = PortClaims(
            leases: try LeaseStore(directory: directory).list(),
            apps: try AppRegistry(directory: directory).list(),
            supervised: supervised,
            routes: living.compactMap { .init($0, hasEnded: false) }
                + ended.compactMap { .init($0, hasEnded: true) },
            tlds: tlds,
        )
        let sockets = try ListeningSockets.all(.tcp) + ListeningSockets.all(.udp)
        return PortSurvey(
            claims: claims,
            routes: living.compactMap(\.route),
            supervised: supervised,
            sockets: sockets,
            features: directory.runningFeatures,
            containers: ContainersFile.read(from: directory)?.holders ?? [:],
        )
    }

    /// A survey with these findings.
    package init(
        claims: PortClaims,
        listeners: [ObservedListener],
        holders: [Port: [ProcessIdentity]],
        receivers: [Port: [ProcessIdentity]] = [:],
    ) {
        self.claims = claims
        self.listeners = listeners
        self.holders = holders
        self.receivers = receivers
        features = []
    }

    private init(
        claims: PortClaims,
        routes: [Route],
        supervised: [SupervisedApp],
        sockets: [ListeningSocket],
        features: [FeaturePort],
        containers: [Port: String],
    ) {
        let owners = ListenerOrigin(claims: claims, routes: routes, supervised: supervised)
        let held = ListeningSockets.holders(of: sockets)
        var holders: [Port: [ProcessIdentity]] = [:]
        var receivers: [Port: [ProcessIdentity]] = [:]
        self.claims = claims
        self.features = features
        listeners = sockets.compactMap { socket in
            guard var listener = ObservedListener(socket) else { return nil }
            let pids = held[socket] ?? []
            let processes = pids.compactMap { owners.identity(of: $0) }
            if socket.kind == .tcp {
                holders[listener.port, default: []] += processes
            } else {
                receivers[listener.port, default: []] += processes
            }
            if let pid = owners.first(of: pids) { owners.describe(&listener, heldBy: pid) }
            // Docker's own process is root's, and so no user sees it.
            let process = listener.process
            if !listener.isDatagram, process.map({ ContainerForwarder.isOne($0.command) }) ?? true {
                listener.container = containers[listener.port]
            }
            return listener
        }
        self.holders = holders.mapValues { Array(Set($0)).sorted { $0.pid < $1.pid } }
        self.receivers = receivers.mapValues { Array(Set($0)).sorted { $0.pid < $1.pid } }
    }

    package var table: PortTable {
        PortTable(claims: claims.list, listeners: listeners, features: features)
    }
}

/// Finds the app that a listening process was started for.
struct ListenerOrigin {
    private let claims: PortClaims
    private let tree = ProcessTree.current()
    /// The routes of each living run, by its PID here.
    private let runs: [Int32: [Route]]
    private let names: Set<String>
    /// The apps of supervised processes by their PIDs.
    private let supervised: [Int32: String]

    init(claims: PortClaims, routes: [Route], supervised: [SupervisedApp]) {
        self.claims = claims
        self.supervised = supervised.reduce(into: [:]) { apps, app in
            for process in app.processes {
                guard let identity = process.identity, identity.isAlive else { continue }
                apps[identity.pid] = app.name.description
            }
        }
        let own = ProcessIdentity.current.namespace
        runs = routes.reduce(into: [:]) { runs, route in
            guard case .process(let process) = route.owner,
                process.namespace == nil || process.namespace == own
            else { return }
            runs[process.pid, default: []].append(route)
        }
        names = Set(routes.map(\.hostname.description))
    }

    func identity(of pid: Int32) -> ProcessIdentity? { tree.identity(of: pid) }

    /// The one that started the others, where several processes share a socket.
    func first(of pids: [Int32]) -> Int32? {
        let all = Set(pids)
        return pids.sorted().first { all.isDisjoint(with: tree.ancestors(of: $0)) } ?? pids.min()
    }

    func describe(_ listener: inout ObservedListener, heldBy pid: Int32) {
        // Every process descends from the system's first one.
        let parents = tree.ancestors(of: pid).filter { $0 > 1 }
        listener.process = Self.process(pid)
        listener.parents = parents.map(Self.process)
        listener.directory = ProcessDetails.workingDirectory(of: pid)
        listener.app = app(of: pid, parents: parents, port: listener.port)
    }

    private static func process(_ pid: Int32) -> ObservedProcess {
        ObservedProcess(pid: pid, command: ProcessDetails.name(of: pid))
    }

    private func app(of pid: Int32, parents: [Int32], port: Port) -> String? {
        if let app = ([pid] + parents).lazy.compactMap({ supervised[$0] }).first { return app }
        let run = ([pid] + parents).lazy.compactMap { runs[$0] }.first
        let candidates = Set((run ?? []).map { claims.app(of: $0.hostname) })
        if candidates.count == 1 { return candidates.first }
        // A run of a workspace has several apps, and a process that has detached itself is below no run.
        // Their environment has the app's URL.
        if let marked = mark(of: pid), run == nil || candidates.contains(marked) { return marked }
        return run?.first { $0.port == port }.map { claims.app(of: $0.hostname) }
    }

    /// The app whose URL the process was started with, as long as that app runs.
    private func mark(of pid: Int32) -> String? {
        guard let url = ProcessDetails.environment(of: pid)?["PORTLESS_URL"],
            let host = url.split(separator: "/").dropFirst().first?.split(separator: ":").first,
            names.contains(String(host)), let hostname = Hostname(host)
        else { return nil }
        return claims.app(of: hostname)
    }
}
