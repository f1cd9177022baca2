import HTTPTypes
import PortlessCore

/// Names and where they lead, and the stream of all changes.
struct RouteOperations {
    let services: ServerServices
    let streams: OpenStreams

    var operations: [Operation] { [list, events] }

    private var list: Operation {
        Operation(
            method: .get,
            path: "/api/routes",
            id: "listRoutes",
            summary: "The names that lead somewhere, and where.",
            answer: .array(Self.route, count: nil),
            perform: { [services] _ in
                let proxy = try services.proxy()
                let entries = try RoutesStore(directory: services.directory).list()
                return .json(
                    .array(
                        entries.compactMap { entry in
                            guard let route = entry.route else { return nil }
                            return .object([
                                "hostname": .string(entry.hostname),
                                "url": .string(proxy.url(for: route.hostname)),
                                "port": .integer(route.port.number),
                                "pid": entry.isAlias ? .null : .integer(entry.pid),
                                "alias": .bool(entry.isAlias),
                                "protocol": .string(route.upstreamProtocol.rawValue),
                            ])
                        }
                    )
                )
            },
        )
    }

    private var events: Operation {
        Operation(
            method: .get,
            path: "/api/events",
            id: "followEvents",
            summary:
                """
                Every change as an event: `app`, `process` and `removed` tell of apps that were \
                brought up; `routes`, `ports` and `apps` that the list is another one; `resync` \
                that events were lost.
                """,
            answer: ServerSentEvent.schema,
            answerType: "text/event-stream",
            refusals: [503],
            perform: { [streams] _ in
                let stream = try streams.open(subscribes: true)
                stream.send(ServerSentEvent("connected", .object([:])).bytes)
                return .stream(stream)
            },
        )
    }

    private static let route = Schema.named(
        "Route",
        .object(
            [
                .required("hostname", .text), .required("url", .text),
                .required("port", .port), .required("pid", .orNull(.integer(nil))),
                .required("alias", .boolean), .required("protocol", .oneOf(["http1", "h2c"])),
            ],
            others: .refused,
        ),
    )
}
