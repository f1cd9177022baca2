import NIOCore

/// One request and its answer, whatever protocol the client speaks: what has come of each, and
/// what is to be done next.
///
/// HTTP/1 connections and HTTP/2 streams tell it what happens and carry out what it decides; it
/// knows neither bytes nor channels.
struct Exchange {
    private enum State {
        /// No request is being served.
        case idle
        /// A connection to the upstream is being opened, or the app is still starting.
        case connecting(isRepeatable: Bool, hasWaited: Bool)
        /// The request goes upstream, and the final answer hasn't begun.
        case forwarded(isRepeatable: Bool)
        /// The answer is being relayed.
        case answering(isEventStream: Bool)
        /// After a 101: bytes pass unread.
        case tunnelling
        /// The answer is whole; the upstream still takes the rest of the request.
        case uploading
        /// The answer is whole; the rest of the request has nowhere to go.
        case discarding
        /// The client is gone, or can't get a whole answer any more.
        case aborted
    }

    /// A request that came through this proxy so often goes in a circle.
    static let maximumHops = 5

    private var state = State.idle
    /// Whether the client has sent its request to the end.
    private(set) var hasWholeRequest = false

    /// What of a request's head decides whether it is forwarded.
    struct Request {
        enum Host {
            case named
            /// HTTP/1.0 may say none.
            case omitted
            case missing
        }

        var host: Host
        var hops: Int
        /// WebSocket clients follow no redirects.
        var isUpgrade: Bool
        /// Whether it may be sent a second time when a first try got no answer.
        var isIdempotent: Bool
        /// Whether no body follows its head.
        var isWhole: Bool
    }

    enum Admission<Upstream> {
        case forward(to: Upstream)
        case answer(OwnAnswer)
    }

    enum Recovery: Equatable {
        case none
        /// Ask the upstream for a fresh connection.
        case connectAgain
        /// Have the upstream say when its app listens.
        case waitForApp
        case answer(OwnAnswer)
        /// End the answer so that the client sees it as broken.
        case breakOff
        case endTunnel
        /// The answer stands; drop what else comes of the request.
        case discardRequest
    }

    enum Completion: Equatable {
        case finished
        case requestGoesOn
        case discardRequest
    }

    /// Where the client's bytes go that follow its request's head.
    enum Destination: Equatable {
        /// They wait: for the upstream, or for the end of the exchange.
        case held
        case upstream
        case tunnel
        case nowhere
    }

    /// How long the exchange may pause.
    enum Patience: Equatable {
        /// Tunnels and event streams: for ever.
        case unlimited
        /// The app thinks about its answer for as long as it likes.
        case thinking
        /// Bytes are expected from one side or the other.
        case moving
    }

    // MARK: The request

    /// A request's head has come; `route` finds its upstream, and is asked only if that matters.
    mutating func begin<Upstream>(
        _ request: Request,
        redirectsToTLS: Bool,
        route: () -> Upstream?,
    ) -> Admission<Upstream> {
        state = .idle
        hasWholeRequest = request.isWhole
        if request.host == .missing { return .answer(.missingHost) }
        if request.hops >= Self.maximumHops { return .answer(.loop) }
        if redirectsToTLS, !request.isUpgrade { return .answer(.redirect) }
        if request.host == .omitted { return .answer(.missingHost) }
        guard let upstream = route() else { return .answer(.notFound) }
        state = .connecting(isRepeatable: request.isIdempotent, hasWaited: false)
        return .forward(to: upstream)
    }

    /// There is a connection to the upstream; false where it isn't wanted any more.
    mutating func connected() -> Bool {
        guard case .connecting(let isRepeatable, _) = state else { return false }
        state = .forwarded(isRepeatable: isRepeatable)
        return true
    }

    /// A part of the body went upstream, which can't be sent a second time.
    mutating func sentBody() {
        if case .forwarded(isRepeatable: true) = state { state = .forwarded(isRepeatable: false) }
    }

    /// The request has come to its end; true where that ends the exchange.
    mutating func requestEnded() -> Bool {
        hasWholeRequest = true
        switch state {
        case .uploading, .discarding:
            state = .idle
            return true
        case .idle, .connecting, .forwarded, .answering, .tunnelling, .aborted: return false
        }
    }

    // MARK: The answer

    /// The head of the final answer has come from the upstream.
    mutating func answerBegan(isEventStream: Bool) {
        guard case .forwarded = state else { return }
        state = .answering(isEventStream: isEventStream)
    }

    /// The upstream has switched protocols.
    mutating func tunnelOpened() {
        guard case .forwarded = state else { return }
        state = .tunnelling
    }

    /// The upstream's answer has come to its end.
    mutating func answerEnded() -> Completion {
        switch state {
        case .answering where !hasWholeRequest:
            state = .uploading
            return .requestGoesOn
        default: return answered()
        }
    }

    /// The client has the whole answer and nothing takes its request: what the proxy says itself.
    mutating func answered() -> Completion {
        if case .aborted = state { return .finished }
        state = hasWholeRequest ? .idle : .discarding
        return hasWholeRequest ? .finished : .discardRequest
    }

    /// The client has left, or was left.
    mutating func abort() {
        state = .aborted
    }

    // MARK: Failures

    /// No connection to the upstream could be had.
    mutating func unreachable(
        _ reason: UpstreamFailure,
        isNavigation: @autoclosure () -> Bool,
    ) -> Recovery {
        guard case .connecting(let isRepeatable, let hasWaited) = state else { return .none }
        // A browser's page says that the app is starting, and reloads itself.
        if reason == .booting, !hasWaited, !isNavigation() {
            state = .connecting(isRepeatable: isRepeatable, hasWaited: true)
            return .waitForApp
        }
        return .answer(.failed(reason))
    }

    /// The connection to the upstream was lost.
    mutating func failed(_ reason: UpstreamFailure) -> Recovery {
        switch state {
        case .forwarded(isRepeatable: true) where reason == .stale:
            state = .connecting(isRepeatable: true, hasWaited: true)
            return .connectAgain
        case .connecting, .forwarded: return .answer(.failed(reason))
        case .answering:
            state = .aborted
            return .breakOff
        case .tunnelling:
            state = .discarding
            return .endTunnel
        case .uploading:
            state = .discarding
            return .discardRequest
        case .idle, .discarding, .aborted: return .none
        }
    }

    // MARK: What holds now

    var isAborted: Bool {
        if case .aborted = state { true } else { false }
    }

    /// Whether the upstream's final answer has begun, so that the client can get no other one.
    var hasAnswer: Bool {
        switch state {
        case .answering, .tunnelling, .uploading: true
        case .idle, .connecting, .forwarded, .discarding, .aborted: false
        }
    }

    var destination: Destination {
        switch state {
        case .tunnelling: .tunnel
        case .discarding, .aborted: .nowhere
        case .forwarded, .answering, .uploading: hasWholeRequest ? .held : .upstream
        case .idle, .connecting: .held
        }
    }

    var patience: Patience {
        switch state {
        case .tunnelling, .answering(isEventStream: true): .unlimited
        case .connecting where hasWholeRequest, .forwarded where hasWholeRequest: .thinking
        case .idle, .connecting, .forwarded, .answering, .uploading, .discarding, .aborted: .moving
        }
    }
}

/// What an exchange holds of its upstream.
struct Forwarding {
    var upstream: Upstream?
    var connection: UpstreamConnection?
    /// The request's head as the upstream gets it, kept for a second try and for error pages.
    var head = ByteBuffer()

    /// Ends the exchange for the upstream: its client is gone.
    mutating func abort(_ receiver: any ResponseReceiver) {
        upstream?.cancelPending(receiver)
        abortConnection()
    }

    mutating func abortConnection() {
        connection?.abort()
        connection = nil
    }
}
