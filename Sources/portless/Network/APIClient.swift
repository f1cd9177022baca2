import HostSystem
import NIOCore
import NIOHTTP1
import NIOPosix
import PortlessCore
import Server
import SystemPackage

/// Asks the server of this state directory, by its Unix domain socket.
struct APIClient: Sendable {
    let record: ServerRecord
    let token: APIToken
    private let send: @Sendable (APIRequest, APIClient) async throws -> LocalRequest.Answer
    /// Finds the server that takes the place of one which went away, or starts it.
    private let successor: (@Sendable () throws -> APIClient)?

    /// The connection ended without an answer.
    private struct Silence: Error {
        let cause: any Error
    }

    init(
        _ record: ServerRecord,
        directory: StateDirectory,
        send: @escaping @Sendable (APIRequest, APIClient) async throws -> LocalRequest.Answer,
        successor: (@Sendable () throws -> APIClient)? = nil,
    ) throws {
        self.record = record
        self.send = send
        self.successor = successor
        guard let token = try APIToken.read(from: directory) else {
            throw Failure(
                "The server's token in \(directory[.serverToken]) is missing.",
                remedy: "Restart it: portless server stop && portless server start",
            )
        }
        self.token = token
    }

    /// The answer's JSON; a refusal is thrown in the server's own words.
    func get(_ path: String, within limit: TimeAmount? = nil) throws -> JSONValue {
        try answer(APIRequest(method: .GET, path: path, limit: limit))
    }

    /// Asks for a change.
    func post(_ path: String, _ body: JSONValue = .object([:])) throws -> JSONValue {
        try answer(APIRequest(method: .POST, path: path, body: body))
    }

    /// How long a server that died may take until its holder has started the next one.
    private static let recovery = Duration.seconds(10)
    private static let pause = Duration.milliseconds(50)

    /// Asks again where the server went away meanwhile, until the next one answers: a request that
    /// is repeated asks for what shall be, and a process is restarted twice at worst.
    private func answer(_ request: APIRequest) throws -> JSONValue {
        let end = ContinuousClock.now + Self.recovery
        var client = self
        while true {
            do {
                return try client.firstAnswer(request)
            } catch let silence as Silence {
                guard let successor, ContinuousClock.now < end else {
                    throw Failure(
                        "The server doesn't answer: \(silence.cause).",
                        remedy: "Restart it: portless server stop && portless server start",
                    )
                }
                SystemClock.sleep(for: Self.pause)
                client = try successor()
            }
        }
    }

    private func firstAnswer(_ request: APIRequest) throws -> JSONValue {
        let answer = try waiting { [self] in
            do {
                return try await send(request, self)
            } catch {
                throw Silence(cause: error)
            }
        }
        let json = try? JSONValue(parsing: answer.body.utf8)
        guard answer.status < 400 else {
            throw Failure(json?["detail"]?.string ?? "The server answered \(answer.status).")
        }
        guard let json else {
            throw Failure(
                "The server's answer can't be understood.",
                remedy: "Restart it: portless server stop && portless server start",
            )
        }
        return json
    }

    private func headers(_ request: APIRequest) -> HTTPHeaders {
        var headers: HTTPHeaders = [
            "host": "localhost", "connection": "close", "authorization": "Bearer \(token.text)",
        ]
        if request.body != nil { headers.add(name: "content-type", value: "application/json") }
        return headers
    }

    /// Sends the request to the server's socket.
    func exchange(_ request: APIRequest) async throws -> LocalRequest.Answer {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let answer = loop.makePromise(of: LocalRequest.Answer.self)
        let head = HTTPRequestHead(
            version: .http1_1,
            method: request.method,
            uri: request.path,
            headers: headers(request),
        )
        let content = request.body.map { ByteBuffer(string: $0.compact) }
        let connected = ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHTTPClientHandlers()
                    try pipeline.addHandler(
                        AnswerCollector(head, content: content, answer: answer)
                    )
                }
            }
            .connect(unixDomainSocketPath: record.socket.string)
        connected.cascadeFailure(to: answer)
        let deadline = request.limit.map { limit in
            loop.scheduleTask(in: limit) {
                answer.fail(ChannelError.connectTimeout(limit))
                connected.whenSuccess { $0.close(promise: nil) }
            }
        }
        defer { deadline?.cancel() }
        return try await answer.futureResult.get()
    }
}

/// What a command asks of the API.
struct APIRequest: Sendable {
    var method: HTTPMethod
    var path: String
    /// Nil for a request that changes nothing.
    var body: JSONValue?
    /// Nil waits as long as it takes.
    var limit: TimeAmount?
}
