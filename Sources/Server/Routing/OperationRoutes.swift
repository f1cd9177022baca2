import HTTPTypes
import HostSystem
import Hummingbird
import HummingbirdCore
import PortlessCore

/// Adds operations to the router: checks their requests and writes their answers.
struct OperationRoutes {
    /// Large enough for plans with the environments of some dozens of processes.
    static let bodyLimit = 1 << 20

    let operations: [Operation]
    /// Runs the operations, which read and write files.
    let work: BlockingWork
    let policy: @Sendable () -> AccessPolicy

    func add(to router: Router<APIContext>) {
        for operation in operations {
            router.on(RouterPath(operation.path), method: operation.method) { request, context in
                try await respond(to: request, context, with: operation)
            }
        }
    }

    /// The methods of the operations at a path; empty where there is none.
    func methods(at path: String) -> [String] {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        // The router prefers a path as it is written to one with a parameter in its place.
        let written = operations.filter { $0.path == path }
        let methods =
            (written.isEmpty ? operations.filter { Self.matches($0.path, parts) } : written)
            .map(\.method)
        return (methods.map(\.rawValue) + (methods.contains(.get) ? ["HEAD"] : [])).sorted()
    }

    private static func matches(_ template: String, _ parts: [Substring]) -> Bool {
        let expected = template.split(separator: "/", omittingEmptySubsequences: false)
        return expected.count == parts.count
            && zip(expected, parts).allSatisfy { expected, part in
                expected.hasPrefix("{") ? !part.isEmpty : expected == part
            }
    }

    private func respond(
        to request: Request,
        _ context: APIContext,
        with operation: Operation,
    ) async throws -> Response {
        let facts = RequestFacts(request)
        let policy = policy()
        try policy.checkSite(facts)
        try policy.check(facts, for: operation.access)
        var call = Call(request: facts)
        call.values = try values(of: operation.parameters, request, context)
        if let schema = operation.body {
            guard facts.mediaType == "application/json" else {
                throw Problem(
                    415,
                    code: "JSON_NEEDED",
                    "This takes a JSON body with `Content-Type: application/json`.",
                )
            }
            call.body = try await Self.body(of: request, schema)
        }
        let ready = call
        let reply = try await withTaskExecutorPreference(work) {
            try await operation.perform(ready)
        }
        switch reply {
        case .empty: return Response(status: HTTPResponse.Status(code: operation.status))
        case .json(let value):
            return Self.response(
                ByteBuffer(string: value.compact + "\n"),
                to: operation,
                in: context,
            )
        case .pieces(let pieces): return Self.response(pieces, to: operation, in: context)
        case .stream(let stream): return Self.response(stream, to: request.method, in: context)
        }
    }

    private func values(
        of parameters: [Parameter],
        _ request: Request,
        _ context: APIContext,
    ) throws(Problem) -> [String: JSONValue] {
        var result: [String: JSONValue] = [:]
        let query = request.uri.queryParameters
        for parameter in parameters {
            let text =
                switch parameter.place {
                case .path: context.parameters.get(parameter.name)?.percentDecoded
                case .query: query[Substring(parameter.name)].map(String.init)
                }
            guard let text else { continue }
            let value = parameter.schema.value(of: text)
            if let problem = parameter.schema.problem(with: value, at: "\"\(parameter.name)\"") {
                throw .invalid(problem)
            }
            result[parameter.name] = value
        }
        return result
    }

    private static func body(of request: Request, _ schema: Schema) async throws -> JSONValue {
        let bytes: ByteBuffer
        do {
            bytes = try await request.body.collect(upTo: bodyLimit)
        } catch {
            throw Problem(413, code: "TOO_LARGE", "The body is larger than \(bodyLimit) bytes.")
        }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes.readableBytesView)
        } catch {
            throw Problem.invalid("The body is not JSON: \(error).")
        }
        if let problem = schema.problem(with: value) { throw Problem.invalid(problem) }
        return value
    }

    /// A long answer is written piece by piece.
    private static func response(
        _ bytes: ByteBuffer,
        to operation: Operation,
        in context: APIContext,
    ) -> Response {
        let (channel, length) = (context.channel, bytes.readableBytes)
        return Response(
            status: HTTPResponse.Status(code: operation.status),
            headers: [.contentType: "application/json", .contentLength: String(length)],
            body: ResponseBody(contentLength: length) { writer in
                var rest = bytes
                while let piece = rest.readSlice(length: min(Pieces.size, rest.readableBytes)),
                    piece.readableBytes > 0
                {
                    try await Delivery.write(piece, to: &writer, of: channel)
                }
                try await writer.finish(nil)
            },
        )
    }

    private static func response(
        _ pieces: Pieces,
        to operation: Operation,
        in context: APIContext,
    ) -> Response {
        let channel = context.channel
        return Response(
            status: HTTPResponse.Status(code: operation.status),
            headers: [.contentType: "application/json"],
            body: ResponseBody { writer in
                try await withTaskExecutorPreference(pieces.work) {
                    try await pieces.write { piece in
                        try await Delivery.write(piece, to: &writer, of: channel)
                    }
                }
                try await writer.finish(nil)
            },
        )
    }

    private static func response(
        _ stream: EventStream,
        to method: HTTPRequest.Method,
        in context: APIContext,
    ) -> Response {
        // A HEAD request has no reader for the stream.
        guard method != .head else {
            stream.end(.finished)
            return Response(status: .ok, headers: [.contentType: "text/event-stream"])
        }
        let channel = context.channel
        // The end of the client's connection ends the stream, and a client that doesn't read is cut
        // off: a blocked writer notices only the end of its connection.
        channel.closeFuture.whenComplete { _ in stream.end(.cut) }
        stream.whenEnded { ending in
            if ending == .cut { channel.close(promise: nil) }
        }
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
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

extension Schema {
    /// The value of a text in a path or query.
    func value(of text: String) -> JSONValue {
        switch self {
        case .integer: Int(text).map { .integer($0) } ?? .string(text)
        case .boolean:
            switch text {
            case "true": .bool(true)
            case "false": .bool(false)
            default: .string(text)
            }
        case .described(_, let schema), .named(_, let schema): schema.value(of: text)
        default: .string(text)
        }
    }
}
