import HostSystem
import Logging
import PortlessCore
import Proxy
import Synchronization

/// Says whether the listener behind a name belongs to another portless app.
///
/// A port can change hands while its route still stands: the app crashed, and another app took
/// the number. Serving that one under the wrong name would send it cookies and forms that are not
/// its own. Listeners of nobody we know (a container, a server that detached itself) pass, with a
/// warning in the log.
final class ListenerOwners: Sendable {
    /// A verdict holds for these very sockets.
    private struct Key: Hashable {
        let port: Port
        let owner: Route.Owner
        let sockets: Set<UInt64>
    }

    fileprivate enum Verdict {
        case own
        case stranger
        case otherApp(String)
    }

    private let logger: Logger
    private let verdicts = Mutex<[Port: (key: Key, verdict: Verdict)]>([:])

    init(logger: Logger) {
        self.logger = logger
    }

    /// Describes the other app that holds the route's port, if one does; see `ListenerCheck`.
    ///
    /// Asks the kernel for one list of sockets; only a listener that wasn't seen before makes it
    /// look at the processes of the apps.
    func otherApp(holding route: Route, among routes: [Route]) -> String? {
        guard case .process = route.owner,
            let listeners = try? ListeningSockets.recently(on: route.port.rawValue)
        else { return nil }
        let sockets = Set(listeners.filter(\.answersLoopback).map(\.id))
        guard !sockets.isEmpty else { return nil }
        let key = Key(port: route.port, owner: route.owner, sockets: sockets)
        if let known = verdicts.withLock({ $0[route.port] }), known.key == key {
            return known.verdict.otherApp
        }
        let verdict = judge(route, sockets, routes)
        if case .stranger = verdict {
            logger.warning(
                """
                \(route.hostname): port \(route.port) is held by a process that portless did not \
                start
                """
            )
        }
        verdicts.withLock { $0[route.port] = (key, verdict) }
        return verdict.otherApp
    }

    private func judge(_ route: Route, _ sockets: Set<UInt64>, _ routes: [Route]) -> Verdict {
        if holds(route.owner, sockets) { return .own }
        let others = routes.filter { $0.owner != route.owner }
        guard let other = others.first(where: { holds($0.owner, sockets) }) else {
            return .stranger
        }
        guard case .process(let process) = other.owner else { return .stranger }
        return .otherApp("another app (\(other.hostname), pid \(process.pid))")
    }

    private func holds(_ owner: Route.Owner, _ sockets: Set<UInt64>) -> Bool {
        guard case .process(let process) = owner, process.isAlive else { return false }
        let processes = ProcessChildren.withDescendants(of: process.pid)
        let held = (try? ListeningSockets.held(by: processes)) ?? []
        return held.contains { sockets.contains($0.id) }
    }
}

extension ListenerOwners.Verdict {
    fileprivate var otherApp: String? {
        if case .otherApp(let description) = self { description } else { nil }
    }
}
