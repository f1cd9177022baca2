import NIOCore
import NIOPosix
import PortlessCore
import SystemPackage

/// Opens connections to one port on whichever loopback family answers, or to a Unix domain socket.
///
/// The family that answered last is tried first; the other one follows as soon as that fails, or
/// after a short while without an answer, and the first connection wins (in the manner of
/// RFC 8305).
final class Dialer {
    /// How long the preferred family has before the other one is tried as well.
    ///
    /// On loopback an answer takes microseconds; only a full accept queue takes longer.
    private static let headStart = TimeAmount.milliseconds(150)
    private static let timeout = TimeAmount.seconds(10)

    private let port: Port
    private let socket: FilePath?
    private let eventLoop: any EventLoop
    private var preferred = Family.v4

    private enum Family: CaseIterable {
        case v4
        case v6

        var other: Family { self == .v4 ? .v6 : .v4 }
        var loopback: String { self == .v4 ? "127.0.0.1" : "::1" }
    }

    init(port: Port, socket: FilePath? = nil, eventLoop: any EventLoop) {
        self.port = port
        self.socket = socket
        self.eventLoop = eventLoop
    }

    /// Connects; the channel has no handlers yet.
    func dial(_ completion: @escaping (Result<any Channel, UpstreamFailure>) -> Void) {
        if let socket { return connect(to: socket, completion) }
        let attempt = Attempt(completion)
        connect(preferred, attempt)
        attempt.timer = eventLoop.assumeIsolated().scheduleTask(in: Self.headStart) {
            self.connect(self.preferred.other, attempt)
        }
    }

    /// The race of at most two connections for one request.
    private final class Attempt {
        private var completion: ((Result<any Channel, UpstreamFailure>) -> Void)?
        var started: Set<Family> = []
        var pending = 0
        private var reason: UpstreamFailure?
        var timer: Scheduled<Void>?

        init(_ completion: @escaping (Result<any Channel, UpstreamFailure>) -> Void) {
            self.completion = completion
        }

        var isDecided: Bool { completion == nil }

        /// Why it failed: that one family refuses says little, for most apps listen on one only.
        func note(_ reason: UpstreamFailure) {
            if self.reason == nil || self.reason == .refused { self.reason = reason }
        }

        func giveUpUnlessPending() {
            guard pending == 0, let reason else { return }
            decide(.failure(reason))
        }

        func decide(_ result: Result<any Channel, UpstreamFailure>) {
            timer?.cancel()
            timer = nil
            let completion = self.completion
            self.completion = nil
            completion?(result)
        }
    }

    private func connect(_ family: Family, _ attempt: Attempt) {
        guard !attempt.isDecided, attempt.started.insert(family).inserted else { return }
        attempt.pending += 1
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(Self.timeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.recvAllocator, value: Buffers.receive)
            .channelOption(.writeBufferWaterMark, value: Buffers.waterMark)
        let connected: EventLoopFuture<any Channel>
        do {
            connected = bootstrap.connect(
                to: try SocketAddress(ipAddress: family.loopback, port: port.number)
            )
        } catch {
            connected = eventLoop.makeFailedFuture(error)
        }
        connected.assumeIsolated().whenComplete { result in
            attempt.pending -= 1
            switch result {
            case .success(let channel) where attempt.isDecided: channel.close(promise: nil)
            case .success(let channel) where channel.isConnectedToItself:
                channel.close(promise: nil)
                self.retreat(from: family, attempt, .refused)
            case .success(let channel):
                self.preferred = family
                attempt.decide(.success(channel))
            case .failure(let error): self.retreat(from: family, attempt, Self.failure(error))
            }
        }
    }

    private func retreat(from family: Family, _ attempt: Attempt, _ reason: UpstreamFailure) {
        attempt.note(reason)
        connect(family.other, attempt)
        attempt.giveUpUnlessPending()
    }

    private func connect(
        to socket: FilePath,
        _ completion: @escaping (Result<any Channel, UpstreamFailure>) -> Void,
    ) {
        ClientBootstrap(group: eventLoop)
            .connectTimeout(Self.timeout)
            .channelOption(.recvAllocator, value: Buffers.receive)
            .channelOption(.writeBufferWaterMark, value: Buffers.waterMark)
            .connect(unixDomainSocketPath: socket.string)
            .assumeIsolated().whenComplete { completion($0.mapError(Self.failure)) }
    }

    private static func failure(_ error: any Error) -> UpstreamFailure {
        guard let error = error as? IOError else { return .unreachable(String(describing: error)) }
        let errno = Errno(rawValue: error.errnoCode)
        return errno == .connectionRefused ? .refused : .unreachable(errno.description)
    }
}

extension Channel {
    /// Whether both ends are this one socket.
    ///
    /// The system may give a connection to a port of its own ephemeral range that very port, and
    /// TCP then connects it to itself (simultaneous open): nobody listens there, and nobody could.
    var isConnectedToItself: Bool { localAddress != nil && localAddress == remoteAddress }
}
