import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// One request without a body to a port of this machine.
///
/// It connects to a loopback address whatever the name resolves to: what is asked is the proxy,
/// not the resolver.
struct LocalRequest: Sendable {
    struct Answer: Equatable, Sendable {
        var status: Int
        var headers: HTTPHeaders = [:]
        var body: String
    }

    var method: HTTPMethod = .GET
    /// The name asked for, and the one that the certificate has to be good for.
    var host: String
    var address = "127.0.0.1"
    var port: Int
    /// The only authority that is trusted, as PEM; nil asks without TLS.
    var authority: [UInt8]?
    var limit: TimeAmount = .seconds(10)

    func send() async throws -> Answer {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let answer = loop.makePromise(of: Answer.self)
        let tls: NIOSSLContext?
        do {
            tls = try authority.map(Self.context)
        } catch {
            answer.fail(error)
            throw error
        }
        let head = HTTPRequestHead(
            version: .http1_1,
            method: method,
            uri: "/",
            headers: ["host": host, "connection": "close"],
        )
        let connected = ClientBootstrap(group: loop)
            .connectTimeout(limit)
            .channelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls {
                        try pipeline.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: host)
                        )
                    }
                    try pipeline.addHTTPClientHandlers()
                    try pipeline.addHandler(AnswerCollector(head, answer: answer))
                }
            }
            .connect(host: address, port: port)
        connected.cascadeFailure(to: answer)
        let deadline = loop.scheduleTask(in: limit) {
            answer.fail(ChannelError.connectTimeout(limit))
            connected.whenSuccess { $0.close(promise: nil) }
        }
        defer { deadline.cancel() }
        return try await answer.futureResult.get()
    }

    private static func context(_ authority: [UInt8]) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(authority))
        configuration.certificateVerification = .fullVerification
        configuration.applicationProtocols = ["http/1.1"]
        return try NIOSSLContext(configuration: configuration)
    }
}
