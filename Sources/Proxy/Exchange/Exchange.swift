import NIOCore

/// The state of one request and its answer, and the next step for both, in any protocol.
///
/// HTTP/1 connections and HTTP/2 streams report events and carry out its decisions; it knows
/// neither bytes nor channels.
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
        /// After a 101: bytes pass through unread.
        case tunnelling
        /// The answer is complete; the upstream still takes the rest of the request.
        case uploading
        /// The answer is complete; the rest of the request is dropped.
        case discarding
        /// The client is gone, or can't get a complete answer any more.
        case aborted
    }

    /// The number of passes through this proxy from which on a request is in a loop.
    static let maximumHops = 5

    private var state = State.idle
    /// Whether the client has sent its whole request.
    private(set) var hasWholeRequest = false

    /// The parts of a request's head that decide whether it is forwarded.
    struct Request {
        enum Host {
            case named
            /// HTTP/1.0 allows a request without one.
            case omitted
            case missing
        }

        var host: Host
        var hops: Int
        /// WebSocket clients follow no redirects.
        var isUpgrade: Bool
        /// Whether it may be sent again when the first attempt got no answer.
        var isIdempotent: Bool
        /// Whether no body follows its head.
        var isWhole: Bool
    }

    enum Admission<Upstream> {
        case forward(to: Upstream)
        case answer(OwnAnswer)

        var upstream: Upstream? {
            if case .forward(let upstream) = self { upstream } else { nil }
        }
    }

    enum Recovery: Equatable {
        case none
        /// Ask the upstream for a fresh connection.
        case connectAgain
        /// Have the upstream report when its app listens.
        case waitForApp
        case answer(OwnAnswer)
        /// End the answer in a way that the client recognises as broken.
        case breakOff
        case endTunnel
        /// The answer stands; drop the rest of the request.
        case discardRequest
    }

    enum Completion: Equatable {
        case finished
        case requestGoesOn
        case discardRequest
    }

    /// Where the client's bytes after its request's head go.
    enum Destination: Equatable {
        /// They wait: for the upstream, or for the end of the exchange.
        case held
        case upstream
        case tunnel
        case nowhere
    }

    /// How long the exchange may pause.
    enum Patience: Equatable {
        /// Tunnels and event streams: without limit.
        case unlimited
        /// The app computes its answer, for as long as it likes.
        case thinking
        /// Bytes are expected from one side or the other.
        case moving
    }

    // MARK: The request

    /// Begins an exchange with a request's head; `route` finds its upstream or the answer that it
    /// gets instead, and is called only if needed.
    mutating func begin<Upstream>(
        _ request: Request,
        redirectsToTLS: Bool,
        route: () -> Admission<Upstream>,
    ) -> Admission<Upstream> {
        state = .idle
        hasWholeRequest = request.isWhole
        if request.host == .missing { return .answer(.missingHost) }
        if request.hops >= Self.maximumHops { return .answer(.loop) }
        if redirectsToTLS, !request.isUpgrade { return .answer(.redirect) }
        if request.host == .omitted { return .answer(.missingHost) }
        let admission = route()
        if case .forward = admission {
            state = .connecting(isRepeatable: request.isIdempotent, hasWaited: false)
        }
        return admission
    }

    /// A connection to the upstream is open; false where it isn't needed any more.
    mutating func connected() -> Bool {
        guard case .connecting(let isRepeatable, _) = state else { return false }
        state = .forwarded(isRepeatable: isRepeatable)
        return true
    }

    /// A part of the body was sent upstream, which can't be repeated.
    mutating func sentBody() {
        if case .forwarded(isRepeatable: true) = state { state = .forwarded(isRepeatable: false) }
    }

    /// The request is complete; true where that ends the exchange.
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

    /// The head of the final answer has arrived.
    mutating func answerBegan(isEventStream: Bool) {
        guard case .forwarded = state else { return }
        state = .answering(isEventStream: isEventStream)
    }

    /// The upstream has switched protocols.
    mutating func tunnelOpened() {
        guard case .forwarded = state else { return }
        state = .tunnelling
    }

    /// The upstream's answer is complete.
    mutating func answerEnded() -> Completion {
        switch state {
        case .answering where !hasWholeRequest:
            state = .uploading
            return .requestGoesOn
        default: return answered()
        }
    }

    /// The client has a complete answer from the proxy itself, and nothing takes the rest of its
    /// request.
    mutating func answered() -> Completion {
        if case .aborted = state { return .finished }
        state = hasWholeRequest ? .idle : .discarding
        return hasWholeRequest ? .finished : .discardRequest
    }

    /// The client has left, or was disconnected.
    mutating func abort() {
        state = .aborted
    }

    // MARK: Failures

    /// Connecting to the upstream failed.
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

    // MARK: The present state

    var isAborted: Bool {
        if case .aborted = state { true } else { false }
    }

    /// Whether the upstream's final answer has begun, so that the proxy can't send one of its own.
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

/// The upstream's side of an exchange.
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
