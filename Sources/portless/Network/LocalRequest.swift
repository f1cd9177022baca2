import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import SystemPackage

/// One HTTP request to a server on this computer.
struct LocalRequest: Sendable {
    struct Answer: Equatable, Sendable {
        var status: Int
        var headers: HTTPHeaders = [:]
        var body: String
    }

    enum Server: Sendable {
        case socket(FilePath)
        /// A port of a loopback address, whatever the name resolves to: what is asked is the proxy,
        /// not the resolver.
        case port(Int, address: String = "127.0.0.1")
    }

    var server: Server
    /// The name asked for, and the one that the certificate has to be good for.
    var host = "localhost"
    var method = HTTPMethod.GET
    var path = "/"
    var headers: HTTPHeaders = [:]
    var content: ByteBuffer?
    /// The only authority that is trusted, as PEM; empty for those of the system; nil asks without
    /// TLS.
    var authority: [UInt8]?
    /// Nil waits as long as it takes.
    var limit: TimeAmount? = .seconds(10)

    /// No answer that is read as a whole is longer.
    private static let longestBody = 256 << 20

    /// The whole answer.
    func send() async throws -> Answer {
        var answer = Answer(status: 0, body: "")
        var body = ByteBuffer()
        try await exchange { part in
            switch part {
            case .head(let head):
                answer.status = Int(head.status.code)
                answer.headers = head.headers
            case .body(let bytes):
                guard body.readableBytes + bytes.readableBytes <= Self.longestBody else {
                    throw NIOTooManyBytesError(maxBytes: Self.longestBody)
                }
                body.writeImmutableBuffer(bytes)
            case .end: break
            }
            return true
        }
        answer.body = String(buffer: body)
        return answer
    }

    /// Calls `take` with each part of the answer as it comes, until it returns false.
    func exchange(_ take: (HTTPClientResponsePart) throws -> Bool) async throws {
        let connection = try await connect()
        let end = limit.map { NIODeadline.now() + $0 }
        let deadline = end.map { end in
            connection.channel.eventLoop.scheduleTask(deadline: end) {
                connection.channel.close(promise: nil)
            }
        }
        defer { deadline?.cancel() }
        try await connection.executeThenClose { parts in
            for try await part in parts {
                guard try take(part) else { return }
                if case .end = part { return }
            }
            if let limit, let end, end <= .now() { throw ChannelError.connectTimeout(limit) }
            throw ChannelError.eof
        }
    }

    private func connect() async throws -> NIOAsyncChannel<HTTPClientResponsePart, Never> {
        let tls = try authority.map(Self.context)
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(limit ?? .seconds(10))
        let setUp = { @Sendable (channel: any Channel) in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                if let tls {
                    try pipeline.addHandler(
                        NIOSSLClientHandler(context: tls, serverHostname: host)
                    )
                }
                try pipeline.addHTTPClientHandlers()
                try pipeline.addHandler(RequestSender(self))
                return try NIOAsyncChannel<HTTPClientResponsePart, Never>(
                    wrappingChannelSynchronously: channel
                )
            }
        }
        return switch server {
        case .socket(let path):
            try await bootstrap.connect(
                unixDomainSocketPath: path.string,
                channelInitializer: setUp,
            )
        case .port(let port, let address):
            try await bootstrap.connect(host: address, port: port, channelInitializer: setUp)
        }
    }

    private static func context(_ authority: [UInt8]) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if !authority.isEmpty {
            configuration.trustRoots = .certificates(
                try NIOSSLCertificate.fromPEMBytes(authority)
            )
        }
        configuration.certificateVerification = .fullVerification
        configuration.applicationProtocols = ["http/1.1"]
        return try NIOSSLContext(configuration: configuration)
    }
}

/// Sends the request once the connection stands.
private final class RequestSender: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let request: LocalRequest

    init(_ request: LocalRequest) {
        self.request = request
    }

    func channelActive(context: ChannelHandlerContext) {
        var head = HTTPRequestHead(version: .http1_1, method: request.method, uri: request.path)
        head.headers = ["connection": "close"]
        if request.headers["host"].isEmpty { head.headers.add(name: "host", value: request.host) }
        head.headers.add(contentsOf: request.headers)
        if let content = request.content {
            head.headers.add(name: "content-length", value: String(content.readableBytes))
        }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if let content = request.content {
            context.write(wrapOutboundOut(.body(.byteBuffer(content))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.fireChannelActive()
    }
}

/// Runs asynchronous work for a command that has nothing else to do meanwhile.
///
/// Commands are synchronous: most need no thread but their own, and the one that runs an app has to
/// arrange its signals before there is a second.
func waiting<Result: Sendable>(
    for work: @escaping @Sendable () async throws -> Result
) throws -> Result {
    try MultiThreadedEventLoopGroup.singleton.any().makeFutureWithTask(work).wait()
}
