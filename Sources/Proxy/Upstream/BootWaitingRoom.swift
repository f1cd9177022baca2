import NIOCore

/// Holds the requests for an app that was started but doesn't listen yet.
///
/// While somebody waits it tries the port again and again, slower with time; the room is bounded
/// in number and in time, and the end of the app's process empties it at once.
final class BootWaitingRoom {
    private static let capacity = 512
    private static let firstDelay = TimeAmount.milliseconds(20)
    private static let longestDelay = TimeAmount.milliseconds(250)

    private struct Guest {
        let receiver: any ResponseReceiver
        let deadline: NIODeadline
    }

    private unowned let upstream: Upstream
    private let loop: ProxyLoop
    private var guests: [Guest] = []
    private var delay = BootWaitingRoom.firstDelay
    private var retry: Scheduled<Void>?

    init(upstream: Upstream, loop: ProxyLoop) {
        self.upstream = upstream
        self.loop = loop
    }

    func enter(_ receiver: any ResponseReceiver) {
        guard guests.count < Self.capacity else {
            loop.eventLoop.assumeIsolated().execute { receiver.upstreamUnreachable(.booting) }
            return
        }
        guests.append(
            Guest(receiver: receiver, deadline: .now() + loop.configuration.bootWait)
        )
        if retry == nil { scheduleRetry() }
    }

    func leave(_ receiver: any ResponseReceiver) {
        guests.removeAll { $0.receiver === receiver }
    }

    func close(successor: Upstream?) {
        retry?.cancel()
        retry = nil
        guard let successor else { return dismiss(.refused) }
        let moved = guests
        guests.removeAll()
        for guest in moved {
            if let connection = successor.acquire(for: guest.receiver) {
                guest.receiver.upstreamConnected(connection)
            }
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
        dismissExpired()
        // The app may listen elsewhere by now, and then this room is closed.
        if !guests.isEmpty { _ = loop.router.currentRoutes() }
        guard !guests.isEmpty else {
            delay = Self.firstDelay
            return
        }
        upstream.dial { result in
            switch result {
            case .success(let connection): self.admit(connection)
            case .failure(.booting): self.scheduleRetry()
            case .failure(let reason): self.dismiss(reason)
            }
        }
    }

    private func admit(_ first: UpstreamConnection) {
        delay = Self.firstDelay
        let admitted = guests
        guests.removeAll()
        guard let host = admitted.first else {
            first.returnUnused()
            return
        }
        host.receiver.upstreamConnected(first)
        for guest in admitted.dropFirst() {
            if let connection = upstream.acquire(for: guest.receiver) {
                guest.receiver.upstreamConnected(connection)
            }
        }
    }

    private func dismissExpired() {
        let now = NIODeadline.now()
        let expired = guests.filter { $0.deadline <= now }
        guests.removeAll { $0.deadline <= now }
        for guest in expired { guest.receiver.upstreamUnreachable(.booting) }
    }

    private func dismiss(_ reason: UpstreamFailure) {
        let dismissed = guests
        guests.removeAll()
        for guest in dismissed { guest.receiver.upstreamUnreachable(reason) }
    }
}
