import NIOCore
import NIOPosix
import NIOSSL

/// A TCP connection as a test script sees it: write bytes, read until something shows up.
final class RawConnection {
    struct Ended: Error, CustomStringConvertible {
        let received: String
        var description: String { "the connection ended after: \(received)" }
    }

    private var iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    let channel: any Channel
    private var pending = ByteBuffer()

    init(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        channel: any Channel,
    ) {
        iterator = inbound.makeAsyncIterator()
        self.outbound = outbound
        self.channel = channel
    }

    /// Encrypts from here on, without a check of the certificate.
    func startTLS(name: String?, protocols: [String] = []) async throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.applicationProtocols = protocols
        let tls = try NIOSSLContext(configuration: configuration)
        try await channel.eventLoop.submit { [channel] in
            try channel.pipeline.syncOperations.addHandler(
                NIOSSLClientHandler(context: tls, serverHostname: name),
                position: .first,
            )
        }.get()
    }

    func send(_ text: String) async throws {
        try await outbound.write(ByteBuffer(string: text))
    }

    func send(_ bytes: ByteBuffer) async throws {
        try await outbound.write(bytes)
    }

    func finishSending() {
        outbound.finish()
    }

    func close() async {
        try? await channel.close()
    }

    /// Everything up to and including `marker`.
    func read(until marker: String) async throws -> String {
        while true {
            let bytes = pending.readableBytesView
            if let range = bytes.firstRange(of: Array(marker.utf8)) {
                pending.moveReaderIndex(to: range.upperBound)
                return String(decoding: bytes[..<range.upperBound], as: UTF8.self)
            }
            guard try await more() else { throw Ended(received: String(buffer: pending)) }
        }
    }

    func read(count: Int) async throws -> ByteBuffer {
        while pending.readableBytes < count {
            guard try await more() else { throw Ended(received: String(buffer: pending)) }
        }
        return pending.readSlice(length: count) ?? ByteBuffer()
    }

    /// Everything until the peer ends the connection, by FIN or reset.
    func readToEnd() async -> String {
        while (try? await more()) == true {}
        defer { pending.clear() }
        return String(buffer: pending)
    }

    /// A response head and its body of known length (or none).
    func readResponse() async throws -> (head: String, body: String) {
        let head = try await read(until: "\r\n\r\n")
        let length =
            head.lowercased().split(separator: "\r\n")
            .first { $0.hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst(15).filter { $0 != " " }) }
        let body = try await read(count: length ?? 0)
        return (head, String(buffer: body))
    }

    private func more() async throws -> Bool {
        guard var bytes = try await iterator.next(isolation: #isolation) else { return false }
        pending.writeBuffer(&bytes)
        return true
    }

    private static let wrap = {
        @Sendable (channel: any Channel) in
        channel.eventLoop.makeCompletedFuture {
            try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                wrappingChannelSynchronously: channel,
                configuration: .init(isOutboundHalfClosureEnabled: true),
            )
        }
    }

    /// Connects to a Unix domain socket for the time of `body`.
    static func with<Result: Sendable>(
        socket path: String,
        _ body: (RawConnection) async throws -> Result,
    ) async throws -> Result {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(unixDomainSocketPath: path, channelInitializer: wrap)
        return try await channel.executeThenClose { inbound, outbound in
            try await body(RawConnection(inbound, outbound, channel: channel.channel))
        }
    }

    /// Connects to a port of this machine for the time of `body`.
    static func with<Result: Sendable>(
        port: Int,
        host: String = "127.0.0.1",
        _ body: (RawConnection) async throws -> Result,
    ) async throws -> Result {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: host, port: port, channelInitializer: wrap)
        return try await channel.executeThenClose { inbound, outbound in
            try await body(RawConnection(inbound, outbound, channel: channel.channel))
        }
    }
}
