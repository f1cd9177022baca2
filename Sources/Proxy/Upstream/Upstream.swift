import HostSystem
import NIOCore
import PortlessCore

/// One app's port: its pool of connections, and what is known about how to reach it.
///
/// Confined to its event loop. Names that lead to the same port of the same owner share one.
final class Upstream {
    /// Idle connections beyond this are closed, so that a burst leaves no crowd behind.
    private static let maximumIdle = 256
    /// Shorter than the five seconds after which Node and uvicorn close an idle connection, so
    /// that it is rarely theirs to close.
    static let idleLimit = TimeAmount.seconds(4)
    /// Requests may be refused thousands of times in a second; telling so once is enough.
    private static let noticePause = TimeAmount.milliseconds(200)

    private(set) var route: Route
    private let loop: ProxyLoop
    private let dialer: Dialer
    private lazy var session = HTTP2Session(
        upstream: self,
        dialer: dialer,
        eventLoop: loop.eventLoop,
    )
    private var idle: [UpstreamConnection] = []
    private var sweep: Scheduled<Void>?
    private var waitingRoom: BootWaitingRoom?
    private var lastNotice: NIODeadline?
    /// Whether the app ever accepted a connection: before, a refusal means that it still starts.
    private(set) var hasListened = false
    /// Where the name leads to now, once this one is closed.
    private weak var successor: Upstream?

    init(route: Route, loop: ProxyLoop) {
        self.route = route
        self.loop = loop
        dialer = Dialer(
            port: route.port,
            socket: loop.configuration.backend,
            eventLoop: loop.eventLoop,
            connect: loop.connect,
        )
    }

    var isBooting: Bool {
        guard !hasListened, case .process(let owner) = route.owner else { return false }
        return owner.isAlive
    }

    /// An idle connection, most recently used first; nil where the receiver has to wait for a
    /// new one, or for word that there is none.
    func acquire(for receiver: any ResponseReceiver, fresh: Bool = false) -> UpstreamConnection? {
        while !fresh, let connection = idle.popLast() {
            if connection.isUsable { return connection }
        }
        connect(for: receiver)
        return nil
    }

    /// Like `acquire`, for a request that waits until a starting app listens.
    func acquireWhenListening(for receiver: any ResponseReceiver) {
        if let successor { return successor.acquireWhenListening(for: receiver) }
        let room = waitingRoom ?? BootWaitingRoom(upstream: self, loop: loop)
        waitingRoom = room
        room.enter(receiver)
    }

    func leaveWaitingRoom(_ receiver: any ResponseReceiver) {
        waitingRoom?.leave(receiver)
        successor?.leaveWaitingRoom(receiver)
    }

    func checkIn(_ connection: UpstreamConnection) {
        idle.append(connection)
        if idle.count > Self.maximumIdle { idle.removeFirst().abort() }
        if sweep == nil { scheduleSweep() }
    }

    func forget(_ connection: UpstreamConnection) {
        if let index = idle.lastIndex(where: { $0 === connection }) { idle.remove(at: index) }
    }

    /// Closes what is idle; called when the route is gone and at shutdown.
    ///
    /// Who still waits for the app goes on to the port that its name leads to now.
    func close(successor: Upstream? = nil) {
        self.successor = successor
        sweep?.cancel()
        sweep = nil
        if route.upstreamProtocol == .h2c { session.close() }
        waitingRoom?.close(successor: successor)
        waitingRoom = nil
        _ = closeIdleConnections()
    }

    /// Empties the pool; false where it was empty.
    func closeIdleConnections() -> Bool {
        let closing = idle
        idle.removeAll()
        for connection in closing { connection.abort() }
        return !closing.isEmpty
    }

    /// Tries once whether the app listens now, telling `completion` the connection or the reason.
    func dial(_ completion: @escaping (Result<UpstreamConnection, UpstreamFailure>) -> Void) {
        // As it is now: while this attempt was being refused, another one may have found it listening.
        let wasBooting = isBooting
        let settle: (Result<UpstreamConnection, UpstreamFailure>) -> Void = { result in
            switch result {
            case .success(let connection):
                self.hasListened = true
                completion(.success(connection))
            case .failure(.refused):
                self.noteRefusal()
                completion(.failure(wasBooting ? .booting : .refused))
            case .failure(let reason): completion(.failure(reason))
            }
        }
        if route.upstreamProtocol == .h2c, session.isOpen {
            return session.openStream(on: [], settle)
        }
        switch loop.verdict(on: route) {
        case .refuse(let holder):
            noteRefusal()
            loop.eventLoop.assumeIsolated().execute {
                completion(.failure(.wrongListener(holder)))
            }
        case .dial(let families):
            switch route.upstreamProtocol {
            case .http1: dialer.dial(on: families) { settle($0.flatMap(self.connection)) }
            case .h2c: session.openStream(on: families, settle)
            }
        }
    }

    private func connection(on channel: any Channel) -> Result<UpstreamConnection, UpstreamFailure>
    {
        let connection = UpstreamConnection(upstream: self)
        do {
            try channel.pipeline.syncOperations.addHandler(connection)
            return .success(connection)
        } catch {
            channel.close(promise: nil)
            return .failure(.unreachable(String(describing: error)))
        }
    }

    private func connect(for receiver: any ResponseReceiver) {
        guard loop.makeRoom() else {
            loop.eventLoop.assumeIsolated().execute {
                receiver.upstreamUnreachable(.unreachable("too many open files"))
            }
            return
        }
        dial { result in
            switch result {
            case .success(let connection): receiver.upstreamConnected(connection)
            case .failure(let reason):
                // The app may have moved meanwhile.
                guard let successor = self.successor else {
                    receiver.upstreamUnreachable(reason)
                    return
                }
                if let connection = successor.acquire(for: receiver) {
                    receiver.upstreamConnected(connection)
                }
            }
        }
    }

    private func noteRefusal() {
        let now = NIODeadline.now()
        if let lastNotice, now - lastNotice < Self.noticePause { return }
        lastNotice = now
        loop.note(refusalOf: route)
    }

    /// Wakes when the connection that is idle longest expires.
    private func scheduleSweep() {
        guard let oldest = idle.first else { return }
        let deadline = oldest.idleSince + Self.idleLimit
        sweep = loop.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.sweep = nil
            self.closeExpired()
        }
    }

    private func closeExpired() {
        let limit = NIODeadline.now() - Self.idleLimit
        let expired = idle.prefix { $0.idleSince <= limit }
        idle.removeFirst(expired.count)
        for connection in expired { connection.abort() }
        scheduleSweep()
    }
}
