import Logging
import NIOCore
import PortlessCore

extension HTTP1Connection {
    /// Answers a request whose head still stands at the front of `inbound`.
    func answer(_ make: (Pages, PageRequest) -> Page) {
        let request = PageRequest(head, inbound, isSecure: forwarded.isSecure)
        inbound.moveReaderIndex(forwardBy: head.length)
        send(make(Pages(configuration: loop.configuration), request))
    }

    /// Refuses what isn't a request; nothing behind it can be trusted.
    func refuse(_ error: HeadError) {
        persists = false
        head.minorVersion = 1
        head.methodKind = .other
        body = .complete
        send(Pages(configuration: loop.configuration).refused(error), lingers: true)
    }

    /// Answers a request that could not be passed on, in a form that suits the client.
    func answerFailure(_ reason: UpstreamFailure) {
        guard let upstream, phase == .exchange else { return }
        // The request's own bytes are gone, but the head that was to go upstream says the same.
        let bytes = upstreamHead
        var sent = RequestHead()
        _ = try? sent.parse(bytes.readableBytesUInt8Span)
        let request = PageRequest(sent, bytes, isSecure: forwarded.isSecure)
        if reason == .booting, !request.isNavigation, !hasWaitedForBoot {
            hasWaitedForBoot = true
            upstream.acquireWhenListening(for: self)
            return
        }
        loop.logger.warning(
            "Proxy error for \(upstream.route.hostname): \(reason)"
        )
        send(
            Pages(configuration: loop.configuration)
                .failed(request, route: upstream.route, reason)
        )
    }

    func upstreamUnreachable(_ reason: UpstreamFailure) {
        answerFailure(reason)
        advance()
    }

    private func send(_ page: Page, lingers: Bool = false) {
        hasResponseBegun = true
        isResponseComplete = true
        // A client that waits for leave to send its body may now send it or not: no telling
        // where its next request would begin. Any other body is read to its end.
        if head.isUpgrade || head.expectsContinue { persists = persists && body.isComplete }
        outbound.writeString("HTTP/1.1 \(page.status) \(page.reason)\r\n")
        outbound.writeString("content-type: \(page.contentType)\r\n")
        outbound.writeString("content-length: \(page.body.count)\r\n")
        for (name, value) in page.fields {
            outbound.writeString("\(name): \(value)\r\n")
        }
        outbound.writeString("x-portless-version: \(loop.configuration.version)\r\n")
        outbound.writeStaticString("X-Portless: 1\r\n")
        if endsAfterExchange {
            outbound.writeStaticString("connection: close\r\n")
        } else if head.minorVersion == 0 {
            outbound.writeStaticString("connection: keep-alive\r\n")
        }
        outbound.writeStaticString("\r\n")
        if head.methodKind != .head { outbound.writeBytes(page.body) }
        if endsAfterExchange {
            closeAfterFlush(lingers: lingers || !body.isComplete)
        } else if body.isComplete {
            finishExchange()
        } else {
            phase = .discarding
        }
    }
}
