import HostSystem
import NIOCore
import NIOHTTP1
import PortlessCore
import Server

/// Asks the server of this state directory, by its Unix domain socket.
struct APIClient: Sendable {
    let record: ServerRecord
    let token: APIToken
    private let send: @Sendable (APIRequest, APIClient) async throws -> LocalRequest.Answer
    /// Finds the server that takes the place of one which went away, or starts it.
    private var successor: (@Sendable () throws -> APIClient)?

    /// The connection ended without an answer.
    private struct Silence: Error {
        let cause: any Error

        /// Whether the server is there and does nothing, so that there will be no next one.
        var isHang: Bool {
            if case ChannelError.connectTimeout = cause { true } else { false }
        }
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

    /// What a server that isn't frozen needs at most to tell something.
    private static let patience = TimeAmount.seconds(10)

    /// The answer's JSON; a refusal is thrown in the server's own words.
    func get(_ path: String, within limit: TimeAmount = patience) throws -> JSONValue {
        try answer(APIRequest(method: .GET, path: path, limit: limit))
    }

    /// Throws where the server doesn't answer.
    func checkHealth() throws { _ = try get("/api/health") }

    /// Asks for a change, which may take any time; a server that is frozen is asked for none.
    ///
    /// With `once` it isn't asked of the next server where this one ends before it has answered.
    func post(
        _ path: String,
        _ body: JSONValue = .object([:]),
        once: Bool = false,
        within limit: TimeAmount? = nil,
    ) throws -> JSONValue {
        try checkHealth()
        var client = self
        if once { client.successor = nil }
        return try client.answer(
            APIRequest(method: .POST, path: path, body: body, limit: limit)
        )
    }

    func put(_ path: String, _ body: JSONValue) throws -> JSONValue {
        try checkHealth()
        return try answer(APIRequest(method: .PUT, path: path, body: body))
    }

    func delete(_ path: String) throws {
        try checkHealth()
        _ = try answer(APIRequest(method: .DELETE, path: path))
    }

    /// How long a server that died may take until its holder has started the next one.
    private static let recovery = Duration.seconds(10)
    private static let pause = Duration.milliseconds(50)

    /// Asks again where the server went away meanwhile, until the next one answers.
    ///
    /// What is asked twice is done twice at worst, as a restart.
    private func answer(_ request: APIRequest) throws -> JSONValue {
        let answer = try recovering { client in
            try waiting {
                do {
                    return try await client.send(request, client)
                } catch {
                    throw Silence(cause: error)
                }
            }
        }
        if answer.status == 204 { return .null }
        let json = try? JSONValue(parsing: answer.body.utf8)
        guard answer.status < 400 else { throw Self.refusal(answer.status, json) }
        guard let json else {
            throw Failure(
                "The server's answer can't be understood.",
                remedy: "Restart it: portless server stop && portless server start",
            )
        }
        return json
    }

    /// Calls `body` with the server, and with the next one where it is silent.
    private func recovering<Result>(_ body: (APIClient) throws -> Result) throws -> Result {
        let end = ContinuousClock.now + Self.recovery
        var client = self
        while true {
            do {
                return try body(client)
            } catch let silence as Silence {
                guard let successor, !silence.isHang, ContinuousClock.now < end else {
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

    private static func refusal(_ status: Int, _ problem: JSONValue?) -> Failure {
        Failure(problem?["detail"]?.string ?? "The server answered \(status).")
    }

    /// Sends the request to the server's socket.
    func exchange(_ request: APIRequest) async throws -> LocalRequest.Answer {
        try await local(request).send()
    }

    private func local(_ request: APIRequest) -> LocalRequest {
        var local = LocalRequest(
            server: .socket(record.socket),
            method: request.method,
            path: request.path,
            headers: ["authorization": "Bearer \(token.text)"],
            limit: request.limit,
        )
        if let body = request.body {
            local.headers.add(name: "content-type", value: "application/json")
            local.content = ByteBuffer(string: body.compact)
        }
        return local
    }
}

// MARK: Streams

extension APIClient {
    struct Event: Sendable {
        var name: String
        var data: JSONValue
    }

    /// An event with a line of a log, with all its escapes, and what is told of it.
    private static let longestLine = 1 << 20

    /// Calls `take` with each event of a stream until it returns false or the server ends the
    /// stream, as one does that goes away.
    ///
    /// `after` is the last event that an earlier stream had.
    func events(
        of path: String,
        after id: Int64? = nil,
        _ take: @escaping @Sendable (Event) -> Bool,
    ) throws {
        try recovering { client in
            var request = client.local(APIRequest(method: .GET, path: path))
            request.headers.add(name: "accept", value: "text/event-stream")
            if let id { request.headers.add(name: "last-event-id", value: String(id)) }
            try waiting { [request] in try await Self.read(request, take) }
        }
    }

    private static func read(
        _ request: LocalRequest,
        _ take: @Sendable (Event) -> Bool,
    ) async throws {
        var status: Int?
        var refusal: [UInt8] = []
        var lines = LineSplitter(longest: longestLine)
        var name = ""
        do {
            try await request.exchange { part in
                var goesOn = true
                switch part {
                case .head(let head): status = Int(head.status.code)
                case .body(let bytes) where status == 200:
                    bytes.withUnsafeReadableBytes { bytes in
                        lines.append(bytes) { line in
                            guard goesOn,
                                let event = event(String(decoding: line, as: UTF8.self), &name)
                            else { return }
                            goesOn = take(event)
                        }
                    }
                case .body(let bytes): refusal.append(contentsOf: bytes.readableBytesView)
                case .end: break
                }
                return goesOn
            }
        } catch {
            guard status != nil else { throw Silence(cause: error) }
        }
        guard status == 200 else {
            throw Self.refusal(status ?? 0, try? JSONValue(parsing: refusal))
        }
    }

    /// The event that the line ends; its `name` stands in a line before.
    private static func event(_ line: String, _ name: inout String) -> Event? {
        let parts = line.split(separator: ": ", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        if parts[0] == "event" { name = String(parts[1]) }
        guard parts[0] == "data", let data = try? JSONValue(parsing: parts[1].utf8) else {
            return nil
        }
        return Event(name: name, data: data)
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
