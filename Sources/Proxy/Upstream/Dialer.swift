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
    /// Opens one connection; replaced in tests.
    typealias Connect = (SocketAddress) -> EventLoopFuture<any Channel>

    /// How long the preferred family has before the other one is tried as well.
    ///
    /// On loopback an answer takes microseconds; only a full accept queue takes longer.
    private static let headStart = TimeAmount.milliseconds(150)
    private static let timeout = TimeAmount.seconds(10)

    enum Address {
        /// A port of this machine, on whichever loopback family answers.
        case port(Port)
        case socket(FilePath)

        init(_ place: Route.Place) {
            switch place {
            case .port(let port): self = .port(port)
            case .socket(let path): self = .socket(path)
            }
        }
    }

    private let address: Address
    private let eventLoop: any EventLoop
    private let connect: Connect
    private var preferred = LoopbackFamily.v4

    init(_ address: Address, eventLoop: any EventLoop, connect: Connect? = nil) {
        self.address = address
        self.eventLoop = eventLoop
        self.connect = connect ?? { Self.bootstrap($0, eventLoop) }
    }

    /// Connects; the channel has no handlers yet.
    ///
    /// A Unix domain socket has no families.
    func dial(
        on families: Set<LoopbackFamily>,
        _ completion: @escaping (Result<any Channel, UpstreamFailure>) -> Void,
    ) {
        let attempt = Attempt(families, completion)
        switch address {
        case .socket(let path): dial(path, attempt)
        case .port(let port):
            dial(port, on: families.contains(preferred) ? preferred : preferred.other, attempt)
            guard families.count > 1, !attempt.isDecided else { return }
            attempt.timer = eventLoop.assumeIsolated().scheduleTask(in: Self.headStart) {
                self.dial(port, on: self.preferred.other, attempt)
            }
        }
    }

    /// The race of at most two connections for one request.
    private final class Attempt {
        private var completion: ((Result<any Channel, UpstreamFailure>) -> Void)?
        private var untried: Set<LoopbackFamily>
        var pending = 0
        private var reason: UpstreamFailure?
        var timer: Scheduled<Void>?

        init(
            _ families: Set<LoopbackFamily>,
            _ completion: @escaping (Result<any Channel, UpstreamFailure>) -> Void,
        ) {
            untried = families
            self.completion = completion
        }

        var isDecided: Bool { completion == nil }

        /// Whether the family is allowed and wasn't tried yet.
        func take(_ family: LoopbackFamily) -> Bool {
            !isDecided && untried.remove(family) != nil
        }

        /// The reason of the failure: a refusal on one family means little, since most apps listen
        /// on only one.
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

    private func dial(_ port: Port, on family: LoopbackFamily, _ attempt: Attempt) {
        guard attempt.take(family) else { return }
        attempt.pending += 1
        let connected: EventLoopFuture<any Channel>
        do {
            connected = connect(
                try SocketAddress(ipAddress: family.loopback, port: port.number)
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
                attempt.note(.refused)
                self.dialOther(port, than: family, attempt)
            case .success(let channel):
                self.preferred = family
                attempt.decide(.success(channel))
            case .failure(let error):
                attempt.note(Self.failure(error))
                self.dialOther(port, than: family, attempt)
            }
        }
    }

    private func dialOther(_ port: Port, than family: LoopbackFamily, _ attempt: Attempt) {
        dial(port, on: family.other, attempt)
        attempt.giveUpUnlessPending()
    }

    private func dial(_ path: FilePath, _ attempt: Attempt) {
        let connected: EventLoopFuture<any Channel>
        do {
            connected = connect(try SocketAddress(unixDomainSocketPath: path.string))
        } catch {
            connected = eventLoop.makeFailedFuture(error)
        }
        connected.assumeIsolated().whenComplete { result in
            attempt.decide(
                result.mapError { error in
                    // No server listens at a path without a socket.
                    let isMissing =
                        (error as? IOError)?.errnoCode == Errno.noSuchFileOrDirectory.rawValue
                    return isMissing ? .refused : Self.failure(error)
                }
            )
        }
    }

    private static func bootstrap(
        _ address: SocketAddress,
        _ eventLoop: any EventLoop,
    ) -> EventLoopFuture<any Channel> {
        var bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(timeout)
            .channelOption(.recvAllocator, value: Buffers.receive)
            // One read at a time bounds the bytes that arrive before the proxy can stop reading.
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(.writeBufferWaterMark, value: Buffers.waterMark)
        if address.port != nil {
            bootstrap = bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1)
        }
        return bootstrap.connect(to: address)
    }

    private static func failure(_ error: any Error) -> UpstreamFailure {
        guard let error = error as? IOError else { return .unreachable(String(describing: error)) }
        let errno = Errno(rawValue: error.errnoCode)
        return errno == .connectionRefused ? .refused : .unreachable(errno.description)
    }
}

extension Channel {
    /// Whether a socket is connected to itself.
    ///
    /// The system may choose the destination, if it is in the ephemeral range, as the source port,
    /// and TCP then connects the socket to itself (simultaneous open): no program listens there,
    /// and none could.
    var isConnectedToItself: Bool { localAddress != nil && localAddress == remoteAddress }
}
