import NIOCore

/// The requests for an app that was started but doesn't listen yet.
///
/// While there are any, the port is tried again at growing intervals. They are bounded in number
/// and in time, and all of them fail as soon as the app's process exits.
final class PendingRequests {
    private static let capacity = 512
    private static let firstDelay = TimeAmount.milliseconds(20)
    private static let longestDelay = TimeAmount.milliseconds(250)

    struct Request {
        let receiver: any ResponseReceiver
        let deadline: NIODeadline
    }

    private unowned let upstream: Upstream
    private let loop: ProxyLoop
    private var requests: [Request] = []
    private var delay = PendingRequests.firstDelay
    private var retry: Scheduled<Void>?

    init(upstream: Upstream, loop: ProxyLoop) {
        self.upstream = upstream
        self.loop = loop
    }

    var count: Int { requests.count }

    /// `deadline` is that of a request which has waited elsewhere.
    func add(_ receiver: any ResponseReceiver, until deadline: NIODeadline? = nil) {
        guard requests.count < Self.capacity else {
            loop.eventLoop.assumeIsolated().execute { receiver.upstreamUnreachable(.booting) }
            return
        }
        requests.append(
            Request(
                receiver: receiver,
                deadline: deadline ?? .now() + loop.configuration.bootWait,
            )
        )
        if retry == nil { scheduleRetry() }
    }

    func remove(_ receiver: any ResponseReceiver) {
        guard !requests.isEmpty else { return }
        requests.removeAll { $0.receiver === receiver }
    }

    /// Hands the requests over to the upstream that their name leads to now, or fails them.
    ///
    /// They wait there, too: its app may have been started only just now.
    func close(successor: Upstream?) {
        retry?.cancel()
        retry = nil
        guard let successor else { return fail(.refused) }
        for request in takeAll() {
            successor.acquireWhenListening(for: request.receiver, until: request.deadline)
        }
    }

    private func scheduleRetry() {
        retry = loop.eventLoop.assumeIsolated().scheduleTask(in: delay) {
            self.retry = nil
            self.delay = min(self.delay + self.delay, Self.longestDelay)
            self.tryAgain()
        }
    }

    private func tryAgain() {
        failExpired()
        // The app may have moved, and then this upstream is closed.
        if !requests.isEmpty { _ = loop.router.currentRoutes() }
        guard !requests.isEmpty else {
            delay = Self.firstDelay
            return
        }
        upstream.start?.wake()
        let isUpgrade = requests.first?.receiver.asksForUpgrade ?? false
        upstream.dial(forUpgrade: isUpgrade) { result in
            switch result {
            case .success(let connection): self.sendAll(first: connection)
            case .failure(.booting): self.scheduleRetry()
            case .failure(let reason): self.fail(reason)
            }
        }
    }

    private func sendAll(first connection: UpstreamConnection) {
        delay = Self.firstDelay
        let ready = takeAll()
        guard let first = ready.first else { return connection.returnUnused() }
        first.receiver.upstreamConnected(connection)
        for request in ready.dropFirst() { send(request, to: upstream) }
    }

    private func send(_ request: Request, to upstream: Upstream) {
        guard let connection = upstream.acquire(for: request.receiver) else { return }
        request.receiver.upstreamConnected(connection)
    }

    private func failExpired() {
        let now = NIODeadline.now()
        let expired = requests.filter { $0.deadline <= now }
        requests.removeAll { $0.deadline <= now }
        for request in expired { request.receiver.upstreamUnreachable(.booting) }
    }

    private func fail(_ reason: UpstreamFailure) {
        for request in takeAll() { request.receiver.upstreamUnreachable(reason) }
    }

    private func takeAll() -> [Request] {
        defer { requests.removeAll() }
        return requests
    }
}
