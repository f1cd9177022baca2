package import HostSystem

/// Looks at this machine: who listens, and what the apps of a state directory claim.
package struct PortSurvey: Sendable {
    package let claims: PortClaims
    package let listeners: [ObservedListener]
    /// The processes that hold each listening socket, with their start times.
    package let holders: [Port: [ProcessIdentity]]
    /// The same of sockets that receive UDP.
    package let receivers: [Port: [ProcessIdentity]]

    /// Reads the state and asks the system once; changes nothing.
    ///
    /// `supervised` is what runs in the background.
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
    }

    private init(
        claims: PortClaims,
        routes: [Route],
        supervised: [SupervisedApp],
        sockets: [ListeningSocket],
    ) {
        let owners = ListenerOrigin(claims: claims, routes: routes, supervised: supervised)
        let held = ListeningSockets.holders(of: sockets)
        var holders: [Port: [ProcessIdentity]] = [:]
        var receivers: [Port: [ProcessIdentity]] = [:]
        self.claims = claims
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
            return listener
        }
        self.holders = holders.mapValues { Array(Set($0)).sorted { $0.pid < $1.pid } }
        self.receivers = receivers.mapValues { Array(Set($0)).sorted { $0.pid < $1.pid } }
    }

    package var table: PortTable { PortTable(claims: claims.list, listeners: listeners) }
}
