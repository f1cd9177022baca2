import HostSystem
import NIOCore
import PortlessCore
import SystemPackage

/// One upstream: its connection pool, and the knowledge of how to reach it.
///
/// Confined to its event loop. Names that lead to the same port of the same owner share one.
final class Upstream {
    enum Target {
        /// The app of a route, on its port of this machine.
        case app(Route)
        /// The app that a name starts, and that doesn't run yet.
        case sleeping(StartableName)
        /// The server at a Unix domain socket.
        case server(FilePath)
    }

    /// Idle connections beyond this are closed, so that not all of a burst stay open.
    private static let maximumIdle = 256
    /// Shorter than the five seconds after which Node and uvicorn close an idle connection, so that
    /// they rarely do.
    static let idleLimit = TimeAmount.seconds(4)
    /// Requests may be refused thousands of times a second; one report is enough.
    private static let noticePause = TimeAmount.milliseconds(200)
    /// How long an owner counts as alive after it was looked at.
    private static let ownerCheckPause = TimeAmount.seconds(2)

    let target: Target
    private let loop: ProxyLoop
    private let dialer: Dialer
    private lazy var session = HTTP2UpstreamSession(
        upstream: self,
        eventLoop: loop.eventLoop,
        dial: { families, completion in self.dialForSession(on: families, completion) },
    )
    /// How its app is started; nil for an app that runs.
    let start: RequestedStart?
    /// Whether an upstream that speaks TLS has chosen HTTP/2 the last time.
    private var hasChosenHTTP2 = false
    private var idle: [UpstreamConnection] = []
    /// The exchanges on its connections.
    private var openExchanges = 0
    private var lastExchange: NIODeadline?
    private var sweep: Scheduled<Void>?
    private let hasOwner: Bool
    /// The prefix that the app doesn't want to see; nil for nearly all apps.
    let strippedPrefix: StrippedPrefix?
    /// Whether its names are a git worktree's.
    let isOfWorktree: Bool
    /// Fires when the owner may be looked at again.
    private var nextOwnerCheck: Scheduled<Void>?
    /// The requests that wait until a starting app listens.
    private lazy var pending = PendingRequests(upstream: self, loop: loop)
    private var lastNotice: NIODeadline?
    /// Whether the app ever accepted a connection: before, a refusal means that it is still
    /// starting.
    private(set) var hasListened = false
    /// The upstream that replaces this one, once it is closed.
    private weak var successor: Upstream?

    init(_ target: Target, loop: ProxyLoop) {
        self.target = target
        self.loop = loop
        hasOwner = if case .app(let route) = target { route.owner != .alias } else { false }
        if case .app(let route) = target {
            let path = route.path.flatMap { $0.isStripped ? $0 : nil }
            strippedPrefix = path.map { StrippedPrefix(text: $0.prefix) }
            isOfWorktree = route.worktree != nil
        } else {
            strippedPrefix = nil
            isOfWorktree = false
        }
        let address: Dialer.Address =
            switch target {
            case .app(let route): Dialer.Address(route.place)
            // It is never connected to.
            case .sleeping: .socket("/")
            case .server(let path): .socket(path)
            }
        start =
            if case .sleeping(let name) = target { RequestedStart(name, loop: loop) } else { nil }
        dialer = Dialer(address, eventLoop: loop.eventLoop, connect: loop.connect)
    }

    /// Its name in log lines and error pages.
    var name: String {
        switch target {
        case .app(let route): "\(route.hostname)\(route.path?.prefix ?? "")"
        case .sleeping(let name): name.hostname.description
        case .server: "the server"
        }
    }

    /// The route of an app.
    var route: Route? {
        if case .app(let route) = target { route } else { nil }
    }

    private var isBooting: Bool {
        guard !hasListened, case .app(let route) = target, case .process(let owner) = route.owner
        else { return false }
        return owner.isAlive
    }

    /// Whether the request that comes now is to look whether the route's owner still lives.
    ///
    /// A timer keeps even the clock out of all other requests; without requests there is none.
    func takesOwnerCheck() -> Bool {
        guard hasOwner, nextOwnerCheck == nil else { return false }
        nextOwnerCheck = loop.eventLoop.assumeIsolated().scheduleTask(in: Self.ownerCheckPause) {
            self.nextOwnerCheck = nil
        }
        return true
    }

    /// The `Host` that a request for this authority gets, where it isn't the client's.
    func host(replacing authority: Span<UInt8>) -> [UInt8]? {
        guard case .app(let route) = target, let host = route.upstreamHost else { return nil }
        return UpstreamHost.host(replacing: authority, of: route.hostname, by: host)
    }

    private var speaksHTTP2: Bool { route?.upstreamProtocol == .h2c || hasChosenHTTP2 }

    /// Nil where the connection isn't encrypted.
    private var tls: UpstreamTLS? {
        if case .https(let tls)? = route?.upstreamProtocol { tls } else { nil }
    }

    var isSecure: Bool { tls != nil }

    /// An idle connection, the most recently used one; nil where the receiver has to wait for a new
    /// connection, or for the failure to open one.
    func acquire(for receiver: any ResponseReceiver, fresh: Bool = false) -> UpstreamConnection? {
        while !fresh, let connection = idle.popLast() {
            if connection.isUsable { return connection }
        }
        connect(for: receiver)
        return nil
    }

    /// Like `acquire`, for a request that waits until a starting app listens.
    func acquireWhenListening(
        for receiver: any ResponseReceiver,
        until deadline: NIODeadline? = nil,
    ) {
        if let successor {
            return successor.acquireWhenListening(for: receiver, until: deadline)
        }
        pending.add(receiver, until: deadline)
    }

    /// Removes a request that waits until the app listens, because its client is gone.
    func cancelPending(_ receiver: any ResponseReceiver) {
        pending.remove(receiver)
        successor?.cancelPending(receiver)
    }

    // MARK: Its use

    func exchangeBegan() { openExchanges += 1 }

    func exchangeEnded(at time: NIODeadline) {
        openExchanges -= 1
        lastExchange = time
    }

    /// The exchanges and requests of its clients that are open now.
    var openCount: Int { openExchanges + pending.count }

    /// Takes over what is known of the app's use from an upstream for the same port.
    func inherit(_ other: Upstream) {
        lastExchange = max(lastExchange ?? .distantPast, other.lastExchange ?? .distantPast)
        if lastExchange == .distantPast { lastExchange = nil }
    }

    /// When an exchange last ended.
    var lastUse: NIODeadline? { lastExchange }

    // MARK: The pool

    func checkIn(_ connection: UpstreamConnection) {
        idle.append(connection)
        if idle.count > Self.maximumIdle { idle.removeFirst().abort() }
        if sweep == nil { scheduleSweep() }
    }

    func forget(_ connection: UpstreamConnection) {
        if let index = idle.lastIndex(where: { $0 === connection }) { idle.remove(at: index) }
    }

    /// Closes idle connections, when the route is gone and at shutdown.
    ///
    /// Requests that still wait for the app go on to the port that its name leads to now.
    func close(successor: Upstream? = nil) {
        self.successor = successor
        sweep?.cancel()
        sweep = nil
        nextOwnerCheck?.cancel()
        nextOwnerCheck = nil
        if speaksHTTP2 { session.close() }
        pending.close(successor: successor)
        _ = closeIdleConnections()
    }

    /// Empties the pool; false where it was empty.
    func closeIdleConnections() -> Bool {
        let closing = idle
        idle.removeAll()
        for connection in closing { connection.abort() }
        return !closing.isEmpty
    }

    /// Tries once to connect, and passes the connection or the error to `completion`.
    ///
    /// A WebSocket's handshake takes HTTP/1.1, which an upstream over TLS is then asked for.
    func dial(
        forUpgrade isUpgrade: Bool,
        _ completion: @escaping (Result<UpstreamConnection, UpstreamFailure>) -> Void,
    ) {
        // Read now: while this attempt is being refused, another one may find the app listening.
        let wasBooting = isBooting
        let settle: (Result<UpstreamConnection, UpstreamFailure>) -> Void = { result in
            switch result {
            case .success(let connection):
                self.hasListened = true
                completion(.success(connection))
            case .failure(.refused):
                self.noteRefusal()
                // One that starts on request may be ending: then it is started again.
                let isComing =
                    wasBooting || self.route.map(self.loop.router.startsOnRequest) ?? false
                completion(.failure(isComing ? .booting : .refused))
            case .failure(let reason): completion(.failure(reason))
            }
        }
        if let reason = start?.standing() {
            return loop.eventLoop.assumeIsolated().execute { completion(.failure(reason)) }
        }
        let usesSession = speaksHTTP2 && !(isSecure && isUpgrade)
        if usesSession, session.isOpen {
            return session.openStream(on: [], settle)
        }
        switch route.map(loop.verdict) ?? .unrestricted {
        case .refuse(let holder):
            noteRefusal()
            loop.eventLoop.assumeIsolated().execute {
                completion(.failure(.wrongListener(holder)))
            }
        case .dial(let families):
            if usesSession {
                session.openStream(on: families, settle)
            } else if let tls {
                dialer.dial(on: families) { result in
                    self.shakeHands(result, tls, offersHTTP2: !isUpgrade, settle)
                }
            } else {
                dialer.dial(on: families) { settle($0.flatMap(self.connection)) }
            }
        }
    }

    /// Turns an open connection into one over TLS, of the protocol that the upstream chooses.
    private func shakeHands(
        _ dialed: Result<any Channel, UpstreamFailure>,
        _ tls: UpstreamTLS,
        offersHTTP2: Bool,
        _ completion: @escaping HTTP2UpstreamSession.Completion,
    ) {
        switch dialed {
        case .failure(let reason): completion(.failure(reason))
        case .success(let channel):
            loop.upstreamTLS.begin(on: channel, tls, offersHTTP2: offersHTTP2) { result in
                switch result {
                case .failure(let reason): completion(.failure(reason))
                case .success("h2") where offersHTTP2:
                    self.hasChosenHTTP2 = true
                    self.session.adopt(channel)
                    self.session.openStream(on: [], completion)
                case .success: completion(self.connection(on: channel))
                }
            }
        }
    }

    /// Opens a connection that is to carry HTTP/2.
    private func dialForSession(
        on families: Set<LoopbackFamily>,
        _ completion: @escaping (Result<any Channel, UpstreamFailure>) -> Void,
    ) {
        dialer.dial(on: families) { result in
            guard let tls = self.tls, case .success(let channel) = result else {
                return completion(result)
            }
            self.loop.upstreamTLS.begin(on: channel, tls, offersHTTP2: true) { chosen in
                switch chosen {
                case .failure(let reason): completion(.failure(reason))
                case .success("h2"): completion(.success(channel))
                case .success:
                    // It was replaced by a server of another kind; the next request finds that out.
                    self.hasChosenHTTP2 = false
                    channel.close(promise: nil)
                    completion(.failure(.unreachable("it doesn't speak HTTP/2 any more")))
                }
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
        guard receiver.isTunnel == (route?.upstreamProtocol == .tcp) else {
            loop.eventLoop.assumeIsolated().execute { receiver.upstreamUnreachable(.notHTTP) }
            return
        }
        guard loop.makeRoom() else {
            loop.eventLoop.assumeIsolated().execute {
                receiver.upstreamUnreachable(.unreachable("too many open files"))
            }
            return
        }
        dial(forUpgrade: receiver.asksForUpgrade) { result in
            switch result {
            case .success(let connection): receiver.upstreamConnected(connection)
            case .failure(let reason):
                // The app may have moved in the meantime.
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
        guard let route else { return }
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
