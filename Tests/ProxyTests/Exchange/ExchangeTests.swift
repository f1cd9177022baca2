import Testing

@testable import Proxy

/// What an exchange decides, without a socket, a channel or a byte.
@Suite struct ExchangeTests {
    private let get = Exchange.Request(
        host: .named,
        hops: 0,
        isUpgrade: false,
        isIdempotent: true,
        isWhole: true,
    )

    private var post: Exchange.Request {
        var request = get
        request.isIdempotent = false
        request.isWhole = false
        return request
    }

    private func begun(_ request: Exchange.Request) -> Exchange {
        var exchange = Exchange()
        _ = exchange.begin(request, redirectsToTLS: false) { .forward(to: "app") }
        return exchange
    }

    private func forwarded(_ request: Exchange.Request) -> Exchange {
        var exchange = begun(request)
        #expect(exchange.connected() == true)
        return exchange
    }

    private func answering(_ request: Exchange.Request, events: Bool = false) -> Exchange {
        var exchange = forwarded(request)
        exchange.answerBegan(isEventStream: events)
        return exchange
    }

    // MARK: Admission

    private func answer(
        _ request: Exchange.Request,
        redirectsToTLS: Bool = false,
        app: String? = "app",
    ) -> OwnAnswer? {
        var exchange = Exchange()
        let admission = app.map { Exchange.Admission.forward(to: $0) } ?? .answer(.notFound)
        switch exchange.begin(request, redirectsToTLS: redirectsToTLS, route: { admission }) {
        case .forward(let upstream):
            #expect(upstream == app)
            return nil
        case .answer(let own): return own
        }
    }

    @Test func `forwards a request to the app that its name leads to`() {
        #expect(answer(get) == nil)
        #expect(answer(get, app: nil) == .notFound)
    }

    @Test func `a request that lacks its host is refused before anything else`() {
        var request = get
        request.host = .missing
        request.hops = 9
        #expect(answer(request, redirectsToTLS: true) == .missingHost)
    }

    @Test func `HTTP/1.0 may say no host, and is sent to HTTPS where there is that`() {
        var request = get
        request.host = .omitted
        #expect(answer(request, redirectsToTLS: true) == .redirect)
        #expect(answer(request) == .missingHost)
    }

    @Test func `a loop is told before a redirect, for following it would go on`() {
        var request = get
        request.hops = Exchange.maximumHops
        #expect(answer(request, redirectsToTLS: true) == .loop)
        request.hops -= 1
        #expect(answer(request) == nil)
    }

    @Test func `upgrades are not redirected`() {
        var request = get
        request.isUpgrade = true
        #expect(answer(request, redirectsToTLS: true) == nil)
        #expect(answer(get, redirectsToTLS: true) == .redirect)
    }

    @Test func `no route is looked for where it doesn't matter`() {
        var exchange = Exchange()
        let admission: Exchange.Admission<String> = exchange.begin(get, redirectsToTLS: true) {
            Issue.record("it is redirected whatever app it is for")
            return .answer(.notFound)
        }
        guard case .answer(.redirect) = admission else {
            Issue.record("instead of a redirect: \(admission)")
            return
        }
    }

    // MARK: The order of events

    @Test func `a request and its answer are one exchange`() {
        var exchange = answering(get)
        #expect(exchange.hasAnswer)
        #expect(exchange.answerEnded() == .finished)
        #expect(exchange.destination == .held)
        #expect(exchange.failed(.truncated) == .none)
    }

    @Test func `a body goes upstream once that is connected`() {
        var exchange = begun(post)
        #expect(exchange.destination == .held)
        #expect(exchange.connected() == true)
        #expect(exchange.destination == .upstream)
        #expect(exchange.requestEnded() == false)
        #expect(exchange.destination == .held)
        exchange.answerBegan(isEventStream: false)
        #expect(exchange.answerEnded() == .finished)
    }

    @Test func `the upstream takes the rest of a request that it answered early`() {
        var exchange = answering(post)
        #expect(exchange.answerEnded() == .requestGoesOn)
        #expect(exchange.destination == .upstream)
        #expect(exchange.hasAnswer)
        #expect(exchange.requestEnded() == true)
        #expect(!exchange.hasAnswer)
    }

    @Test func `the rest of a request is dropped when the upstream answered and left`() {
        var exchange = answering(post)
        _ = exchange.answerEnded()
        #expect(exchange.failed(.truncated) == .discardRequest)
        #expect(exchange.destination == .nowhere)
        #expect(exchange.requestEnded() == true)
    }

    @Test func `the proxy's own answer ends the exchange with the request`() {
        var whole = begun(get)
        #expect(whole.answered() == .finished)
        var partial = begun(post)
        #expect(partial.answered() == .discardRequest)
        #expect(partial.destination == .nowhere)
        #expect(partial.requestEnded() == true)
    }

    @Test func `a connection that comes too late isn't used`() {
        var answered = begun(get)
        _ = answered.answered()
        #expect(answered.connected() == false)
        var left = begun(get)
        left.abort()
        #expect(left.connected() == false)
        var twice = forwarded(get)
        #expect(twice.connected() == false)
    }

    @Test func `a tunnel takes bytes both ways until its upstream leaves`() {
        var exchange = forwarded(get)
        exchange.tunnelOpened()
        #expect(exchange.destination == .tunnel)
        #expect(exchange.failed(.closedBeforeAnswer) == .endTunnel)
        #expect(exchange.destination == .nowhere)
        #expect(exchange.failed(.closedBeforeAnswer) == .none)
    }

    @Test func `a client that is gone needs nothing`() {
        var exchange = answering(post)
        exchange.abort()
        #expect(exchange.isAborted)
        #expect(exchange.destination == .nowhere)
        #expect(exchange.failed(.truncated) == .none)
        #expect(exchange.unreachable(.refused, isNavigation: false) == .none)
        #expect(exchange.answered() == .finished)
        #expect(exchange.isAborted)
    }

    // MARK: Failures

    @Test func `a stale connection is replaced once, for a request that may be repeated`() {
        var exchange = forwarded(get)
        #expect(exchange.failed(.stale) == .connectAgain)
        #expect(exchange.connected() == true)
        #expect(exchange.failed(.closedBeforeAnswer) == .answer(.failed(.closedBeforeAnswer)))
    }

    @Test func `nothing is repeated that isn't idempotent, or whose body is on its way`() {
        var exchange = forwarded(post)
        #expect(exchange.failed(.stale) == .answer(.failed(.stale)))
        var put = get
        put.isWhole = false
        var sent = forwarded(put)
        sent.sentBody()
        #expect(sent.failed(.stale) == .answer(.failed(.stale)))
        var unsent = forwarded(put)
        #expect(unsent.failed(.stale) == .connectAgain)
    }

    @Test func `a request waits for a starting app once, a browser not at all`() {
        var exchange = begun(get)
        #expect(exchange.unreachable(.booting, isNavigation: false) == .waitForApp)
        #expect(exchange.unreachable(.booting, isNavigation: false) == .answer(.failed(.booting)))
        var browser = begun(get)
        #expect(browser.unreachable(.booting, isNavigation: true) == .answer(.failed(.booting)))
        var other = begun(get)
        #expect(other.unreachable(.refused, isNavigation: false) == .answer(.failed(.refused)))
    }

    @Test func `an answer that has begun is broken off`() {
        var exchange = answering(get)
        #expect(exchange.failed(.truncated) == .breakOff)
        #expect(exchange.isAborted)
    }

    // MARK: Patience

    @Test func `an app may think, a body may not stop, an event stream may`() {
        #expect(begun(get).patience == .thinking)
        #expect(forwarded(get).patience == .thinking)
        #expect(forwarded(post).patience == .moving)
        #expect(answering(get).patience == .moving)
        #expect(answering(get, events: true).patience == .unlimited)
        var tunnel = forwarded(get)
        tunnel.tunnelOpened()
        #expect(tunnel.patience == .unlimited)
        var uploading = answering(post, events: true)
        _ = uploading.answerEnded()
        #expect(uploading.patience == .moving)
    }
}
