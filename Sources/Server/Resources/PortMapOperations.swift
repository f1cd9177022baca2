import Browser
import HTTPTypes
import HostSystem
import PortlessCore
import SystemPackage

/// The operations behind the dashboard's map of ports: the ranges, one port, and what is done to it.
struct PortMapOperations {
    let services: ServerServices
    let exposure: @Sendable () -> Exposure

    var operations: [Operation] { [map, explain, end, lease, release] }

    private func survey() async throws -> PortSurvey {
        try .take(
            of: services.directory,
            tlds: services.proxy().tlds,
            supervised: await services.supervisor.apps(),
        )
    }

    private var map: Operation {
        Operation(
            method: .get,
            path: "/api/ports/map",
            id: "mapPorts",
            summary: "The ranges that ports come from, Portless's own ports, and all leases.",
            answer: .object([
                .required("ranges", .array(Self.range)),
                .required("core", .array(Self.coreEndpoint)),
                .required("leases", .array(Self.leaseSchema)),
            ]),
        ) { _ in
            let plan = try PortPlan.current(in: services.directory)
            let listening = Set(try ListeningSockets.all(.tcp).map(\.port))
            let open = exposure().features
            let browser = try? await ManagedBrowser(services).ports
            let core = PortSettings.coreEndpoints.map { endpoint in
                // The user may have moved it.
                let moved =
                    switch endpoint {
                    case .browserDevTools: browser?.cdp
                    case .browserHealth: browser?.health
                    default:
                        open.first {
                            $0.owner == endpoint.owner && $0.label == endpoint.label
                        }?.port
                    }
                let port = moved ?? endpoint.port
                return JSONValue.object([
                    "port": .integer(port.number), "label": .string(endpoint.label),
                    "owner": .string(endpoint.owner),
                    "listening": .bool(listening.contains(port.rawValue)),
                ])
            }
            let leases = try LeaseStore(directory: services.directory).list()
            return .object([
                "ranges": .array(Self.ranges(plan)), "core": .array(core),
                "leases": .array(leases.map(\.json)),
            ])
        }
    }

    private static func ranges(_ plan: PortPlan) -> [JSONValue] {
        func range(_ range: PortRange, _ kind: String, _ title: String) -> JSONValue {
            .object([
                "first": .integer(range.first.number), "last": .integer(range.last.number),
                "kind": .string(kind), "title": .string(title),
            ])
        }
        return [range(PortSettings.core, "core", "Portless")]
            + plan.ranges.map { range($0, "leases", "Leases") }
            + [range(.ephemeral, "ephemeral", "Runs without a lease")]
    }

    private var explain: Operation {
        Operation(
            method: .get,
            path: "/api/ports/{port}",
            id: "explainPort",
            summary: "All that is known of a port, and who holds it.",
            parameters: [Self.port],
            answer: .object([
                .required("port", .port), .required("claims", .array(PortSchemas.row)),
                .required("listeners", .array(.object([], others: .allowed(.any)))),
                .required("sentences", .array(.text)), .required("canEnd", .boolean),
                .required("whyNot", .orNull(.text)),
                .required("processes", .array(Self.holder)),
            ]),
        ) { call in
            let port = try Self.port(of: call)
            let table = try await survey().table
            let holders = try services.holders(port)
            let plan = try PortPlan.current(in: services.directory)
            return .object([
                "port": .integer(port.number),
                "claims": .array(
                    (table.rows + table.infrastructure).filter { $0.claim.port == port }
                        .map(\.json)
                ),
                "listeners": .array(table.listeners(on: port).map(\.json)),
                "sentences": .array(
                    table.explanation(of: port, plan: plan).map { .string($0) }
                ),
                "canEnd": .bool(holders.refusal == nil),
                "whyNot": holders.refusal.map { .string($0) } ?? .null,
                "processes": .array(holders.list.map(Self.json)),
            ])
        }
    }

    private var end: Operation {
        Operation(
            method: .post,
            path: "/api/ports/{port}/end",
            id: "endPortHolder",
            summary:
                "Ends the process that listens on a port, if it is still the one that is meant.",
            access: .change,
            parameters: [Self.port],
            body: .object([
                .required("pid", .integer(1...Int(Int32.max))),
                .optional("startTime", .described("As `processes` has it.", .text)),
            ]),
            answer: .object([
                .required("ended", .boolean), .required("forced", .boolean),
                .required("text", .text), .required("successor", .orNull(.text)),
            ]),
            refusals: [409],
        ) { call in
            let port = try Self.port(of: call)
            let holders = try services.holders(port)
            let isMeant = holders.list.contains { holder in
                Int(holder.identity.pid) == call.body["pid"]?.integer
                    && call.body["startTime"]?.string.map { $0 == Self.startTime(holder) } ?? true
            }
            if let refusal = holders.refusal { throw Self.conflict(refusal) }
            guard isMeant else {
                throw Self.conflict("Port \(port) is held by \(holders.titles) by now.")
            }
            let ending: PortEnding
            do {
                ending = try services.end(holders)
            } catch {
                throw Self.conflict("\(error)")
            }
            let force = ending.wasForced ? " by force" : ""
            return .object([
                "ended": .bool(true), "forced": .bool(ending.wasForced),
                "text": .string("Ended \(holders.titles)\(force)."),
                "successor": ending.successor.map { .string($0) } ?? .null,
            ])
        }
    }

    private var lease: Operation {
        Operation(
            method: .post,
            path: "/api/leases",
            id: "leasePorts",
            summary: "Leases an app's labels a block of ports, or gives the block that it has.",
            access: .change,
            body: .object([
                .required("app", .string(StringRule(length: 1...253))),
                .required("labels", .array(.string(StringRule(length: 1...63)), count: 1...32)),
            ]),
            answer: Self.leaseSchema,
            status: 201,
            refusals: [409],
        ) { call in
            do {
                let app = try AppName(parsing: call.body["app"]?.string ?? "")
                let labels = call.body["labels"]?.array?.compactMap(\.string) ?? []
                let requests = try labels.map { try LeaseRequest(label: $0) }
                return .json(
                    try LeaseStore(directory: services.directory).lease(
                        requests,
                        for: app,
                        by: .current(in: services.directory),
                        isFree: services.isFree,
                    ).lease.json
                )
            } catch let error as LeaseError {
                switch error {
                case .noRoom, .cannotGrow: throw Self.conflict("\(error)")
                default: throw Problem.invalid("\(error)")
                }
            } catch let error as NameError {
                throw Problem.invalid("\(error)")
            }
        }
    }

    private var release: Operation {
        Operation(
            method: .delete,
            path: "/api/leases/{app}",
            id: "releasePorts",
            summary: "Gives an app's block of ports back; it must not be listening there.",
            access: .change,
            parameters: [
                Parameter(
                    name: "app",
                    place: .path,
                    schema: .string(StringRule(length: 1...253)),
                    summary: "The app's name.",
                )
            ],
            status: 204,
            refusals: [409],
        ) { call in
            let store = LeaseStore(directory: services.directory)
            guard let app = try? AppName(parsing: call.text("app") ?? ""),
                let lease = try store.list().first(where: { $0.app == app })
            else { throw Problem.notFound("\(call.text("app") ?? "") has no leased ports.") }
            let rows = try await survey().table.rows(of: app.description)
            let busy = rows.first { row in
                row.state == .listening && lease.ports.contains { $0.port == row.claim.port }
            }
            if let busy {
                throw Self.conflict(
                    "\(busy.owner) of \(app) listens on port \(busy.claim.port). Stop it first."
                )
            }
            _ = try store.release(app)
            return .empty
        }
    }

    private static func conflict(_ detail: String) -> Problem {
        Problem(409, code: "CONFLICT", detail)
    }

    private static func port(of call: Call) throws -> Port {
        guard let port = call.integer("port").flatMap({ Port($0) }) else {
            throw Problem.notFound("There is no such port.")
        }
        return port
    }

    private static func json(_ holder: HeldPort.Holder) -> JSONValue {
        .object([
            "pid": .integer(holder.identity.pid),
            "startTime": startTime(holder).map { .string($0) } ?? .null,
            "name": holder.name.map { .string($0) } ?? .null,
            "command": holder.command.map { .string($0.joined(separator: " ")) } ?? .null,
            "folder": holder.folder.map { .string($0.string) } ?? .null,
        ])
    }

    /// As text, because it may be too long for a number of JavaScript's.
    private static func startTime(_ holder: HeldPort.Holder) -> String? {
        holder.identity.startTime.map { String($0) }
    }

    private static let port = Parameter(
        name: "port",
        place: .path,
        schema: .port,
        summary: "The port's number.",
    )

    private static let range = Schema.object([
        .required("first", .port), .required("last", .port),
        .required("kind", .oneOf(["core", "leases", "ephemeral"])), .required("title", .text),
    ])

    private static let coreEndpoint = Schema.object([
        .required("port", .port), .required("label", .text), .required("owner", .text),
        .required("listening", .boolean),
    ])

    private static let holder = Schema.object([
        .required("pid", .integer()), .required("startTime", .orNull(.text)),
        .required("name", .orNull(.text)), .required("command", .orNull(.text)),
        .required("folder", .orNull(.text)),
    ])

    private static let leaseSchema = Schema.named(
        "Lease",
        .object([], others: .allowed(.any)),
    )
}
