import HTTPTypes
import HostSystem
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
package import PortlessCore
package import SystemPackage

/// The dashboard's development server: the page's files from a folder, as they are at each request,
/// and everything else from the API's server.
package struct DashboardDevelopment: Sendable {
    package static let standardPort: Port = 5554

    let folder: FilePath
    let port: Port
    /// The socket of the server that runs now.
    let server: @Sendable () throws -> FilePath
    let logger: Logger
    private let work = BlockingWork(limit: 4)

    package init(
        folder: FilePath,
        port: Port,
        logger: Logger,
        server: @escaping @Sendable () throws -> FilePath,
    ) {
        self.folder = folder
        self.port = port
        self.logger = logger
        self.server = server
    }

    /// Serves on the loopback address until the task is cancelled.
    package func run(whenServing: @escaping @Sendable () -> Void) async throws {
        let application = Application(
            responder: CallbackResponder { request, context in
                try await respond(to: request, context)
            },
            configuration: ApplicationConfiguration(
                address: .hostname("127.0.0.1", port: port.number),
                serverName: nil,
            ),
            onServerRunning: { _ in whenServing() },
            logger: logger,
        )
        try await application.run()
    }

    private func respond(to request: Request, _ context: APIContext) async throws -> Response {
        guard HostAllowlist(names: []).allows(request.head.authority ?? "") else {
            return Self.refusal(.forbidden, "The development server answers to localhost only.\n")
        }
        do {
            if let name = Self.file(of: request.uri.path) {
                return try await withTaskExecutorPreference(work) { try file(name) }
            }
            return try await forward(request, context)
        } catch {
            return Self.refusal(.badGateway, "\(error)\n")
        }
    }

    /// The name of the file that a path asks for; nil for what the API's server answers.
    static func file(of path: String) -> String? {
        if path == "/" { return DashboardFiles.page }
        let prefix = "/assets/"
        guard path.hasPrefix(prefix) else { return nil }
        return String(path.dropFirst(prefix.count))
    }

    private func file(_ name: String) throws -> Response {
        // Only plain names, so that no path leads out of the folder.
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard let type = DashboardFiles.mediaType(of: name),
            parts.allSatisfy({ !$0.hasPrefix(".") }),
            let bytes = try? AtomicFile.read(folder.appending(name))
        else { return Self.refusal(.notFound, "There is no \(name) in \(folder).\n") }
        return Response(
            status: .ok,
            headers: [
                .contentType: type,
                .contentLength: String(bytes.count),
                .cacheControl: "no-store",
                .contentSecurityPolicy: DashboardRoutes.contentSecurityPolicy,
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)),
        )
    }

    private static func refusal(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status,
            headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)),
        )
    }
}

// MARK: The API

extension DashboardDevelopment {
    private typealias Connection = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    /// Passes a request on with its own headers, so that the server's rules of access hold.
    private func forward(_ request: Request, _ context: APIContext) async throws -> Response {
        var head = HTTPRequestHead(
            version: .http1_1,
            method: HTTPMethod(rawValue: request.method.rawValue),
            uri: request.uri.string,
        )
        head.headers = ["host": request.head.authority ?? "", "connection": "close"]
        for field in request.headers where field.name != .connection {
            head.headers.add(name: field.name.canonicalName, value: field.value)
        }
        let body = try await request.body.collect(upTo: OperationRoutes.bodyLimit)
        if body.readableBytes > 0 {
            head.headers.replaceOrAdd(name: "content-length", value: "\(body.readableBytes)")
        }
        let connection = try await connect()
        let (heads, answer) = AsyncThrowingStream<HTTPResponseHead, any Error>.makeStream()
        let stream = EventStream()
        // The stream owns the task: the client's end closes the connection, and with it the task.
        let sent = head
        Task {
            do {
                try await connection.executeThenClose { parts, out in
                    try await out.write(.head(sent))
                    if body.readableBytes > 0 { try await out.write(.body(.byteBuffer(body))) }
                    try await out.write(.end(nil))
                    for try await part in parts {
                        switch part {
                        case .head(let head): answer.yield(head)
                        case .body(let bytes): guard await stream.deliver(bytes) else { return }
                        case .end: return
                        }
                    }
                }
            } catch {
                answer.finish(throwing: error)
            }
            answer.finish()
            stream.end(.finished)
        }
        context.channel.closeFuture.whenComplete { _ in
            stream.end(.cut)
            connection.channel.close(promise: nil)
        }
        guard let head = try await heads.first(where: { _ in true }) else {
            throw ChannelError.eof
        }
        return Self.response(head, stream, context.channel)
    }

    private func connect() async throws -> Connection {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(5))
            .connect(unixDomainSocketPath: try server().string) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
    }

    private static func response(
        _ head: HTTPResponseHead,
        _ stream: EventStream,
        _ channel: any Channel,
    ) -> Response {
        var headers = HTTPFields()
        for (name, value) in head.headers {
            guard let name = HTTPField.Name(name), name != .connection, name != .transferEncoding
            else { continue }
            headers.append(HTTPField(name: name, value: value))
        }
        return Response(
            status: HTTPResponse.Status(code: Int(head.status.code)),
            headers: headers,
            body: ResponseBody { writer in
                for await chunk in stream.chunks {
                    try await Delivery.write(chunk, to: &writer, of: channel)
                    stream.sent(chunk.readableBytes)
                }
                try await writer.finish(nil)
            },
        )
    }
}
