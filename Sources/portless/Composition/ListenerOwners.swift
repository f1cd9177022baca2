import HostSystem
import Logging
import PortlessCore
import Proxy
import Runner
import Synchronization

/// Says on which loopback addresses the listener that a name leads to is the app's own.
///
/// A port can change hands while its route still stands: the app crashed, and another app took
/// the number. Serving that one under the wrong name would send it cookies and forms that are not
/// its own. Listeners that belong to no app of ours (a container, a server that detached itself)
/// pass, with a warning in the log, unless the app itself listens on the port: then they are in
/// the way, on whichever address.
final class ListenerOwners: Sendable {
    /// A verdict holds for these very sockets.
    private struct Key: Hashable {
        let port: Port
        let owner: Route.Owner
        let sockets: Set<UInt64>
    }

    fileprivate enum Holder {
        case own
        case stranger
        case otherApp(String)
    }

    /// What the system says of sockets; tests replace it.
    struct System: Sendable {
        /// The listeners on a port; nil where the system doesn't tell.
        var listeners: @Sendable (Port) -> [ListeningSocket]?
        /// The listening sockets of a process and all that it started.
        var held: @Sendable (ProcessIdentity) -> Set<UInt64>
        /// Those of some sockets whose processes a run has started, wherever they went since.
        var marked: @Sendable ([ListeningSocket], ProcessIdentity) -> Set<UInt64> = { _, _ in [] }

        static let live = System(
            listeners: { try? ListeningSockets.recently(on: $0.rawValue) },
            held: { process in
                guard process.isAlive else { return [] }
                return Set(ListeningSockets.held(byTreeOf: process.pid).map(\.id))
            },
            marked: { sockets, run in
                guard run.isAlive else { return [] }
                let own = ListeningSockets.holders(of: sockets).filter { _, holders in
                    holders.contains { ForegroundRun.isMarked($0, by: run) }
                }
                return Set(own.keys.map(\.id))
            },
        )
    }

    private let logger: Logger
    private let system: System
    private let verdicts = Mutex<[Port: (key: Key, verdict: ListenerVerdict)]>([:])

    init(logger: Logger, system: System = .live) {
        self.logger = logger
        self.system = system
    }

    /// Decides where the route's app may be sought; see `ListenerCheck`.
    ///
    /// Asks the kernel for one list of sockets; only a listener that wasn't seen before makes it
    /// look at the processes of the apps.
    func verdict(on route: Route, among routes: [Route]) -> ListenerVerdict {
        // An alias serves whatever listens, as does the engine that publishes a container's port. Of an
        // app in another PID namespace the system shows no sockets here.
        guard case .process(let process) = route.owner, route.container == nil,
            process.standing != .elsewhere, let port = route.port,
            let listeners = system.listeners(port)?.filter(\.answersLoopback),
            !listeners.isEmpty
        else { return .unrestricted }
        // The app waits until the port is free, and is none of those who listen there.
        if let holder = route.heldBy { return .refuse(holder: holder) }
        let key = Key(port: port, owner: route.owner, sockets: Set(listeners.map(\.id)))
        if let known = verdicts.withLock({ $0[port] }), known.key == key {
            return known.verdict
        }
        let verdict = judge(route, of: process, listeners: listeners, among: routes)
        verdicts.withLock { $0[port] = (key, verdict) }
        return verdict
    }

    private func judge(
        _ route: Route,
        of process: ProcessIdentity,
        listeners: [ListeningSocket],
        among routes: [Route],
    ) -> ListenerVerdict {
        var own = system.held(process)
        let others = listeners.filter { !own.contains($0.id) }
        if !others.isEmpty { own.formUnion(system.marked(others, process)) }
        var holders: [LoopbackFamily: Holder] = [:]
        for family in LoopbackFamily.allCases {
            let receiving = listeners.receiving(connectionsTo: family.address)
            guard !receiving.isEmpty else { continue }
            let foreign = Set(receiving.map(\.id)).subtracting(own)
            holders[family] = foreign.isEmpty ? .own : holder(of: foreign, route, among: routes)
        }
        let ownFamilies = holders.filter { $0.value.isOwn }.keys
        // On the other address may be a stranger, now or in a moment.
        guard ownFamilies.isEmpty else { return .dial(Set(ownFamilies)) }
        for family in LoopbackFamily.allCases {
            if case .otherApp(let app)? = holders[family] { return .refuse(holder: app) }
        }
        guard !holders.isEmpty else { return .unrestricted }
        guard own.isDisjoint(with: listeners.map(\.id)) else {
            return .refuse(holder: "a process that portless did not start")
        }
        logger.warning(
            """
            \(route.hostname): \(route.placeText) is held by a process that portless did not \
            start
            """
        )
        return .unrestricted
    }

    /// Who of the other apps has one of these sockets, if any has.
    private func holder(
        of sockets: Set<UInt64>,
        _ route: Route,
        among routes: [Route],
    ) -> Holder {
        for other in routes where other.owner != route.owner && other.container == nil {
            guard case .process(let process) = other.owner, process.standing != .elsewhere,
                !system.held(process).isDisjoint(with: sockets)
            else { continue }
            return .otherApp("another app (\(other.hostname), pid \(process.pid))")
        }
        return .stranger
    }
}

extension ListenerOwners.Holder {
    fileprivate var isOwn: Bool {
        if case .own = self { true } else { false }
    }
}
