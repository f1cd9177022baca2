import HTTPTypes
import HostSystem
import PortlessCore

/// The operations on the traffic that the proxy records while it is looked at.
struct TrafficOperations {
    let services: ServerServices
    let streams: OpenStreams

    var operations: [Operation] {
        [
            list, follow, archive, details, reveal, inspect,
            TrafficReplay(services: services).operation,
        ]
    }

    private var feed: TrafficFeed { services.traffic }

    private var list: Operation {
        Operation(
            method: .get,
            path: "/api/traffic",
            id: "listTraffic",
            summary: """
                The last requests that went through the proxy, the newest last. It records while \
                anyone looks: for a minute after each of these requests, and while a stream is open.
                """,
            parameters: TrafficSchemas.filter,
            answer: TrafficSchemas.list,
        ) { call in
            let filter = try TrafficSchemas.filter(of: call)
            guard let connection = try? feed.connection() else {
                return Self.answer([], inspecting: [], isWatching: false)
            }
            let records = try Self.telling {
                try connection.records(last: TrafficLimits.records)
            }
            .filter(filter.matches).suffix(call.integer("limit") ?? TrafficLimits.records)
            return Self.answer(
                Array(records),
                inspecting: connection.inspected,
                isWatching: true,
            )
        }
    }

    private static func answer(
        _ records: [TrafficRecord],
        inspecting: [String],
        isWatching: Bool,
    ) -> Reply {
        .object([
            "records": .array(records.map(\.json)),
            "inspecting": .array(inspecting.map { .string($0) }),
            "watching": .bool(isWatching),
        ])
    }

    private var follow: Operation {
        Operation(
            method: .get,
            path: "/api/traffic/follow",
            id: "followTraffic",
            summary: """
                Each change of a request as an event: `record` takes the place of the one with its \
                id; `lost` says how many changes the client missed; `inspecting` tells the hosts \
                whose headers and bodies are recorded; `restarted` that all ids are void.
                """,
            answer: ServerSentEvent.schema,
            answerType: "text/event-stream",
            refusals: [503],
        ) { _ in
            let stream = try streams.open(subscribes: false)
            stream.feed(feed.events(), on: services.logReading, as: \.bytes)
            return .stream(stream)
        }
    }

    private var archive: Operation {
        Operation(
            method: .get,
            path: "/api/traffic/har",
            id: "exportTraffic",
            summary: "The last requests as a HAR 1.2 file, without secrets.",
            parameters: TrafficSchemas.filter,
            answer: .object(
                [.required("log", .object([], others: .allowed(.any)))],
                others: .allowed(.any),
            ),
            refusals: [503],
        ) { call in
            let filter = try TrafficSchemas.filter(of: call)
            let ids = try Self.telling {
                try feed.connection().records(last: TrafficLimits.records)
            }
            .filter(filter.matches).suffix(call.integer("limit") ?? TrafficLimits.records)
            .map(\.id)
            return .pieces(pieces(of: ids))
        }
    }

    /// Details are asked for one after another, so that memory holds one of them.
    private func pieces(of ids: [Int64]) -> Pieces {
        let (feed, archive) = (feed, HTTPArchive(version: services.version))
        return Pieces(work: services.logReading) { emit in
            let connection = try feed.connection()
            var buffer = PieceBuffer()
            buffer.append(archive.frame.start)
            var comma = ""
            for id in ids {
                guard let details = try connection.details(of: id) else { continue }
                buffer.append(comma + archive.entry(details).compact)
                comma = ","
                try await buffer.flush(emit)
            }
            buffer.append(archive.frame.end + "\n")
            try await buffer.flush(emit, isLast: true)
        }
    }

    private var details: Operation {
        Operation(
            method: .get,
            path: "/api/traffic/{id}",
            id: "getTraffic",
            summary: """
                A request with its headers and bodies, where its host was inspected; `unpacked` holds \
                what gzip or deflate has packed. Secrets are shown as •••.
                """,
            parameters: [TrafficSchemas.identifier],
            answer: TrafficSchemas.details,
            refusals: [503],
        ) { call in
            .json(try Self.find(call, feed, reveals: false).unpacked(reveals: false).json)
        }
    }

    private var reveal: Operation {
        Operation(
            method: .post,
            path: "/api/traffic/{id}/reveal",
            id: "revealTraffic",
            summary: "The same with its secrets.",
            access: .change,
            parameters: [TrafficSchemas.identifier],
            body: .object([]),
            answer: TrafficSchemas.details,
            refusals: [503],
        ) { call in .json(try Self.find(call, feed, reveals: true).unpacked(reveals: true).json) }
    }

    private var inspect: Operation {
        Operation(
            method: .post,
            path: "/api/traffic/inspect",
            id: "inspectTraffic",
            summary: """
                Has the headers and the first 64 KiB of bodies of a host, and of those under it, \
                recorded from now on; `*` means all. It ends when no one looks at the traffic.
                """,
            access: .change,
            body: .object([
                .required("host", TrafficSchemas.host), .required("on", .boolean),
            ]),
            answer: .object([.required("inspecting", .array(.text))]),
            refusals: [503],
        ) { call in
            // Only a proxy that is there can inspect.
            _ = try feed.connection()
            let hosts = feed.inspect(
                call.body["host"]?.string?.lowercased() ?? "",
                isOn: call.body["on"]?.bool ?? false,
            )
            return .object(["inspecting": .array(hosts.map { .string($0) })])
        }
    }

    // MARK: Questions to the proxy

    static func find(
        _ call: Call,
        _ feed: TrafficFeed,
        reveals: Bool,
    ) throws -> TrafficDetails {
        let id = call.values["id"]?.integer(as: Int64.self) ?? 0
        let connection = try feed.connection()
        let found = try telling {
            try connection.details(of: id, reveals: reveals)
        }
        guard let found else {
            throw Problem.notFound("The proxy has no request \(id), or has forgotten it.")
        }
        return found
    }

    private static func telling<Result>(
        _ body: () throws -> Result
    ) throws -> Result {
        do {
            return try body()
        } catch let failure as TrafficFailure {
            throw Problem(503, code: "NO_TRAFFIC", "\(failure)")
        }
    }
}

/// The schemas of traffic, and the filter in a request's query.
enum TrafficSchemas {
    static let record = Schema.told(TrafficRecord.shape)
    static let details = Schema.told(TrafficDetails.shape)

    static let list = Schema.object([
        .required("records", .array(record)), .required("inspecting", .array(.text)),
        .required("watching", .described("Whether a proxy records.", .boolean)),
    ])

    static let host = Schema.string(StringRule(length: 1...253))

    static let identifier = Parameter(
        name: "id",
        place: .path,
        schema: .integer(0...9_007_199_254_740_991),
        summary: "The request's number.",
    )

    static let filter = [
        query("app", host, "An app's name, with those under it, or a host name."),
        query(
            "status",
            .string(
                StringRule(
                    pattern: "^([1-9][0-9]{2}|[1-5][xX]{2}|[fF][aA][iI][lL][eE][dD])$",
                    meaning: "a status such as 404, 4xx or failed",
                    isValid: { TrafficFilter.Status($0) != nil },
                )
            ),
            "A status, as 404, 4xx or failed.",
        ),
        query("method", .string(StringRule(length: 1...32)), "A method."),
        query(
            "text",
            .string(StringRule(length: 1...200)),
            "A part of host, path, media type or failure.",
        ),
        query("limit", .integer(0...TrafficLimits.records), "How many of the last ones."),
    ]

    private static func query(_ name: String, _ schema: Schema, _ summary: String) -> Parameter {
        Parameter(name: name, place: .query, schema: schema, summary: summary)
    }

    static func filter(of call: Call) throws(Problem) -> TrafficFilter {
        TrafficFilter(
            app: call.text("app"),
            status: call.values["status"].flatMap { value in
                // A number in a query is text as well.
                TrafficFilter.Status(value.string ?? value.integer.map(String.init) ?? "")
            },
            method: call.text("method"),
            text: call.text("text"),
        )
    }
}
