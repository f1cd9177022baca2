import HTTPTypes
import HostSystem
import PortlessCore

/// The operations on ports: leases, listeners, free ports.
struct PortOperations {
    let services: ServerServices

    var operations: [Operation] { [table, scan, check, allocate] }

    private func survey() async throws -> PortSurvey {
        try .take(
            of: services.directory,
            tlds: tlds(),
            supervised: await services.supervisor.apps(),
        )
    }

    private var table: Operation {
        Operation(
            method: .get,
            path: "/api/ports",
            id: "listPorts",
            summary: "Which app has which port, and who listens there.",
            answer: PortSchemas.table,
        ) { _ in
            .json(try await survey().table.json)
        }
    }

    private var scan: Operation {
        Operation(
            method: .get,
            path: "/api/ports/scan",
            id: "scanPorts",
            summary: "Ports that are listened on, claimed, and free.",
            answer: PortSchemas.scan,
        ) { _ in
            let survey = try await survey()
            let plan = try PortPlan.current(in: services.directory)
            let used = Set(survey.listeners.filter { !$0.isDatagram }.map(\.port))
            let reserved = Set(survey.claims.list.map(\.port))
            let free = try plan.blocks(
                of: 1,
                atMost: 200,
                among: LeaseStore(directory: services.directory).list(),
                isFree: { !used.contains($0) },
            ).map(\.first)
            let range = plan.ranges[0]
            return .object([
                "usedPorts": Self.list(used), "reservedPorts": Self.list(reserved),
                "allOccupied": Self.list(used.union(reserved)),
                "freeRanges": .array(Self.runs(of: free).map(Self.json)),
                "suggestedPorts": .array(
                    free.prefix(5).map { .integer($0.number) }
                ),
                "defaultRange": .object([
                    "start": .integer(range.first.number),
                    "end": .integer(range.last.number),
                ]),
            ])
        }
    }

    private var check: Operation {
        Operation(
            method: .post,
            path: "/api/ports/check",
            id: "checkPorts",
            summary: "Whether each port is free: no process listens there, and no app has it.",
            body: .object([.required("ports", .array(.port, count: 1...100))]),
            answer: .object([], others: .allowed(.boolean)),
        ) { call in
            let plan = try PortPlan.current(in: services.directory)
            let leases = try LeaseStore(directory: services.directory).list()
            var result = JSONObject()
            for value in call.body["ports"]?.array ?? [] {
                guard let port = value.integer.flatMap({ Port($0) }) else { continue }
                let isOpen = plan.mayBeUsed(port, among: leases) && services.isFree(port)
                result[port.description] = .bool(isOpen)
            }
            return .object(result)
        }
    }

    private var allocate: Operation {
        Operation(
            method: .post,
            path: "/api/ports/allocate",
            id: "allocatePorts",
            summary: "Leases ports in a row, which no other app gets from then on.",
            access: .change,
            body: .object([
                .required(
                    "count",
                    .either([
                        .integer(1...10),
                        .oneOf((1...10).map { String($0) }),
                    ]),
                ),
                .optional(
                    "app",
                    .described(
                        "Who gets them; the same name gets the same ports again.",
                        .string(
                            StringRule(
                                length: 1...63,
                                pattern: "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",
                            ) { (try? AppName(parsing: $0)) != nil }
                        ),
                    ),
                ),
            ]),
            answer: .object([
                .required("allocated", .array(.port)),
                .required("app", .text),
            ]),
            refusals: [409],
        ) { call in
            let count = call.body["count"]
            let number = count?.integer ?? count?.string.flatMap { Int($0) } ?? 1
            let lease = try lease(number, for: call.body["app"]?.string)
            return .object([
                "allocated": .array(
                    lease.ports.prefix(number).map { .integer($0.port.number) }
                ),
                "app": .string(lease.app.description),
            ])
        }
    }

    /// A caller without a name gets new ports at each call.
    private func lease(_ count: Int, for name: String?) throws -> PortLease {
        let app = try AppName(
            parsing: name ?? "allocated-\(UniqueID.make().prefix(8).lowercased())"
        )
        let requests = try (1...count).map { number throws(LeaseError) in
            try LeaseRequest(label: number == 1 ? "api" : "port\(number)")
        }
        do {
            return try LeaseStore(directory: services.directory).lease(
                requests,
                for: app,
                by: .current(in: services.directory),
                isFree: services.isFree,
            ).lease
        } catch let error as LeaseError {
            switch error {
            case .noRoom, .cannotGrow: throw Problem(409, code: "NO_PORTS", "\(error)")
            default: throw error
            }
        }
    }

    private func tlds() throws -> [TLD] { try services.proxy().tlds }

    private static func list(_ ports: Set<Port>) -> JSONValue {
        .array(ports.sorted().map { .integer($0.number) })
    }

    private static func json(_ range: PortRange) -> JSONValue {
        .object([
            "start": .integer(range.first.number), "end": .integer(range.last.number),
            "count": .integer(range.count),
        ])
    }

    /// Consecutive ports, as ranges.
    static func runs(of ports: [Port]) -> [PortRange] {
        var runs: [PortRange] = []
        for port in ports.sorted() {
            if let last = runs.last, last.last.number + 1 == port.number,
                let longer = PortRange(first: last.first, last: port)
            {
                runs[runs.count - 1] = longer
            } else if let new = PortRange(first: port, last: port) {
                runs.append(new)
            }
        }
        return runs
    }
}

enum PortSchemas {
    private static let ports = Schema.array(.port)

    static let row = Schema.named(
        "PortRow",
        .object(
            [
                .required("app", .text), .required("label", .text), .required("port", .port),
                .required("origin", .text), .required("state", .text),
                .required("name", .orNull(.text)),
                .required("names", .array(.text)), .optional("provenance", .text),
                .optional("description", .text),
                .required("owner", .orNull(.object([], others: .allowed(.any)))),
            ],
            others: .allowed(.any),
        ),
    )

    static let table = Schema.named(
        "PortTable",
        .object([.required("ports", .array(row))], others: .allowed(.any)),
    )

    static let scan = Schema.object([
        .required("usedPorts", ports), .required("reservedPorts", ports),
        .required("allOccupied", ports),
        .required(
            "freeRanges",
            .array(
                .object([
                    .required("start", .port), .required("end", .port),
                    .required("count", .integer()),
                ])
            ),
        ),
        .required("suggestedPorts", ports),
        .required(
            "defaultRange",
            .object([.required("start", .port), .required("end", .port)]),
        ),
    ])
}
