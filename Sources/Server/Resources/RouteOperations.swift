import HTTPTypes
import PortlessCore
import SystemPackage

/// The operations on routes, and the stream of all changes.
struct RouteOperations {
    let services: ServerServices
    let apps: AppOperations
    let streams: OpenStreams

    var operations: [Operation] { [list, events] }

    private var list: Operation {
        Operation(
            method: .get,
            path: "/api/routes",
            id: "listRoutes",
            summary: "The names that lead somewhere, and where.",
            answer: .array(Self.route),
        ) { [services] _ in
            let proxy = try services.proxy()
            let entries = try RoutesStore(directory: services.directory).list()
            let shares = (try? SharesStore(directory: services.directory).live()) ?? []
            return .json(
                .array(
                    entries.compactMap { entry in
                        guard let route = entry.route else { return nil }
                        let isProcess = !entry.isAlias && entry.container == nil
                        return .object([
                            "hostname": .string(entry.hostname),
                            "url": .string(proxy.address(of: entry)),
                            "path": (route.path?.prefix).map { .string($0) } ?? .null,
                            "stripsPath": .bool(route.path?.isStripped ?? false),
                            "port": route.port.map { .integer($0.number) } ?? .null,
                            "socket": entry.socket.map { .string($0.string) } ?? .null,
                            "pid": isProcess ? .integer(entry.pid) : .null,
                            "alias": .bool(entry.isAlias),
                            "container": entry.container.map { .string($0) } ?? .null,
                            "exposedAddress": entry.exposedAddress.map { .string($0) } ?? .null,
                            "protocol": .string(route.upstreamProtocol.name),
                            "insecure": .bool(route.isInsecure),
                            "exposure": .string(entry.reach.rawValue),
                            "shares": .array(entry.shares(of: shares).map(\.json)),
                        ])
                    }
                )
            )
        }
    }

    private var events: Operation {
        Operation(
            method: .get,
            path: "/api/events",
            id: "followEvents",
            summary:
                """
                Every change as an event: `app`, `process` and `removed` tell of apps that were \
                brought up; `usage` what they use of processor and memory, every two seconds; \
                `routes`, `ports` and `apps` that the list is another one; `crash` tells of a new or \
                changed crash, `crashes` of deleted ones and of the watcher's settings; `job` \
                of a new or changed job, `jobs` of forgotten ones; `resync` that events were lost.
                """,
            parameters: [Self.app],
            answer: ServerSentEvent.schema,
            answerType: "text/event-stream",
            refusals: [404, 409, 503],
        ) { call in
            let stream = try streams.open(subscribes: true)
            stream.send(ServerSentEvent("connected", .object([:])).bytes)
            guard let name = call.text("app") else { return .stream(stream) }
            do {
                // From now on the stream gets all changes.
                let app = try await apps.catalog().app(name)
                if let supervised = app.supervised {
                    stream.send(ServerSentEvent(.app(supervised)).bytes)
                }
                return .stream(stream)
            } catch {
                stream.end(.finished)
                throw error
            }
        }
    }

    private static let app = Parameter(
        name: "app",
        place: .query,
        schema: .string(StringRule(length: 1...253)),
        summary: "The id or name of an app that the stream begins with, as it is now.",
    )

    private static let share = Schema.named(
        "Share",
        .object([
            .required("provider", .oneOf(SharingProvider.allCases.map(\.rawValue))),
            .required("exposure", .oneOf(Reach.allCases.map(\.rawValue))),
            .required("url", .text), .required("password", .boolean),
            .required("expiresAt", .orNull(.text)),
        ]),
    )

    private static let route = Schema.named(
        "Route",
        .object([
            .required("hostname", .text), .required("url", .text),
            .required("path", .orNull(.text)), .required("stripsPath", .boolean),
            .required("port", .orNull(.port)), .required("socket", .orNull(.text)),
            .required("pid", .orNull(.integer())), .required("alias", .boolean),
            .required("container", .orNull(.text)), .required("exposedAddress", .orNull(.text)),
            .required("protocol", .oneOf(["http1", "h2c", "https", "tcp"])),
            .required("insecure", .boolean),
            .required("exposure", .oneOf(Reach.allCases.map(\.rawValue))),
            .required("shares", .array(Self.share)),
        ]),
    )
}
