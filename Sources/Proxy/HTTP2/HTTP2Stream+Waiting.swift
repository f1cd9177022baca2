import NIOCore
import NIOHTTP2

extension HTTP2Stream {
    /// Something has moved: from now on the client, or the app, is waited for again.
    func beginWait() {
        waitBegan = connection.loop.clients.beginWait()
    }

    /// What this stream waits for; nil while the app may take any time.
    var wait: ClientWait? {
        guard !isUnbounded, !hasSentEnd || !isRequestComplete else { return nil }
        let limits = connection.loop.configuration.limits
        if pending.readableBytes > 0 { return ClientWait(since: waitBegan, limit: limits.unread) }
        // With the whole request in, the app may think about the answer.
        let isThinking = isRequestComplete && heldHeaders == nil && !hasSentHeaders
        return isThinking ? nil : ClientWait(since: waitBegan, limit: limits.body)
    }

    var isUnbounded: Bool { isTunnel || isEventStream }

    func expire() {
        isReset = true
        connection.reset(id, .cancel)
    }
}
