import NIOCore

extension HTTP1Connection {
    /// Something has moved: from now on the client, or the app, is waited for again.
    func beginWait() {
        waitBegan = loop.clients.beginWait()
    }

    var wait: ClientWait? {
        waitLimit.map { ClientWait(since: waitBegan, limit: $0) }
    }

    private var waitLimit: TimeAmount? {
        let limits = loop.configuration.limits
        switch phase {
        case .tunnel: return nil
        case .exchange where isEventStream: return nil
        case .closing: return limits.unread
        case .awaitingHead, .exchange, .discarding: break
        }
        if unsentBytes > 0 { return limits.unread }
        switch phase {
        case .awaitingHead: return inbound.readableBytes == 0 ? limits.idle : limits.head
        // With the whole request in, the app may think about the answer.
        case .exchange where body.isComplete && !hasResponseBegun: return nil
        default: return limits.body
        }
    }

    func sweep() -> Bool {
        let left = context?.unsentBytes ?? 0
        if left < unsentBytes { beginWait() }
        unsentBytes = left
        return false
    }

    func expire() {
        if phase == .exchange, hasResponseBegun { breakOff() } else { context?.closeSocket() }
    }
}
