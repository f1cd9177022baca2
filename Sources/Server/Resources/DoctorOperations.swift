import HTTPTypes
import HostSystem
import PortlessCore

/// What `doctor` knows, and what of the apps can be reached from where.
struct DoctorOperations {
    let services: ServerServices
    let exposure: @Sendable () -> Exposure
    private let examination: SharedExamination

    init(services: ServerServices, exposure: @escaping @Sendable () -> Exposure) {
        self.services = services
        self.exposure = exposure
        examination = SharedExamination(services)
    }

    var operations: [Operation] { [doctor, reach] }

    private var doctor: Operation {
        Operation(
            method: .get,
            path: "/api/doctor",
            id: "examine",
            summary: "What is wrong on this machine, and what to do about it; may take seconds.",
            answer: Self.report,
        ) { _ in .json(try await examination.report().json) }
    }

    private var reach: Operation {
        Operation(
            method: .get,
            path: "/api/exposure",
            id: "getExposure",
            summary: """
                What can be reached from other machines (none if all is on loopback), and Portless's                 own open ports.
                """,
            answer: .object([
                .required("level", .oneOf(Self.levels)),
                .required("items", .array(Self.item)),
                .required("own", .array(Self.ownPort)),
            ]),
        ) { _ in
            let survey = try PortSurvey.take(
                of: services.directory,
                tlds: services.proxy().tlds,
                supervised: await services.supervisor.apps(),
            )
            var items: [JSONValue] = []
            let server = exposure()
            if server.isExposed {
                items.append(
                    Self.item(
                        "server",
                        "portless",
                        server.port,
                        "The server listens on \(server.host):\(server.port).",
                    )
                )
            }
            var seen: Set<Port> = []
            for listener in survey.listeners where !listener.isDatagram {
                guard let app = listener.app, !Self.isLoopback(listener.address),
                    seen.insert(listener.port).inserted
                else { continue }
                let place = "\(listener.address), port \(listener.port)"
                items.append(
                    Self.item(
                        "app",
                        app,
                        listener.port,
                        "\(app) listens beyond this machine: \(listener.owner) on \(place).",
                    )
                )
            }
            items += try Self.published(by: services)
            let entries = try RoutesStore(directory: services.directory).list()
            items += entries.flatMap(Self.sharedItems)
            let reach = entries.map(\.reach).max() ?? .loopback
            let level = items.isEmpty ? .loopback : max(reach, .lan)
            return .object([
                "level": .string(level.rawValue), "items": .array(items),
                "own": .array(Self.ownPorts(in: survey, features: server.features)),
            ])
        }
    }

    /// The names that a proxy in LAN mode serves to other computers.
    private static func published(by services: ServerServices) throws -> [JSONValue] {
        let proxy = try services.proxy()
        guard proxy.isRunning, proxy.isLAN else { return [] }
        return try RoutesStore(directory: services.directory).list().compactMap { entry in
            guard entry.isForLocalNetwork else { return nil }
            let name = entry.hostname
            let place = proxy.lanAddress.map { " (\($0))" } ?? ""
            let text = "\(name) is served to the local network\(place)."
            return item("app", name, proxy.port, text)
        }
    }

    /// The ports of the server and of what runs for it under a keeper, such as the browser.
    private static func ownPorts(
        in survey: PortSurvey,
        features: [FeaturePort],
    ) -> [JSONValue] {
        survey.listeners.compactMap { listener in
            guard !listener.isDatagram, let app = listener.app,
                app == "portless" || app.hasPrefix("portless-")
            else { return nil }
            let claim = survey.claims.list.first { $0.app == app && $0.port == listener.port }
            let feature = features.first { $0.port == listener.port }
            return .object([
                "name": .string(app), "port": .integer(listener.port.number),
                "label": (feature?.label ?? claim?.label).map { .string($0) } ?? .null,
                "level": .string(isLoopback(listener.address) ? "loopback" : "lan"),
                "address": .string(listener.address), "owner": .string(listener.owner),
            ])
        }
    }

    private static func isLoopback(_ address: String) -> Bool {
        address == "::1" || address.hasPrefix("127.")
    }

    private static func item(
        _ what: String,
        _ name: String,
        _ port: Port,
        _ text: String,
    ) -> JSONValue {
        .object([
            "what": .string(what), "name": .string(name), "level": .string("lan"),
            "port": .integer(port.number), "text": .string(text),
        ])
    }

    private static func sharedItems(_ entry: RouteEntry) -> [JSONValue] {
        guard let port = entry.port else { return [] }
        return entry.addresses.map { address in
            let reach = address.provider.reach
            return .object([
                "what": .string("app"), "name": .string(entry.hostname),
                "level": .string(reach.rawValue), "port": .integer(port.number),
                "text": .string(
                    "\(entry.hostname) is \(reach.words), by \(address.provider.title)."
                ),
                "url": .string(address.url),
            ])
        }
    }

    private static let levels = Reach.allCases.map(\.rawValue)

    private static let item = Schema.object([
        .required("what", .oneOf(["server", "app"])), .required("name", .text),
        .required("level", .oneOf(levels)), .required("port", .port), .required("text", .text),
        .optional("url", .text),
    ])

    private static let ownPort = Schema.object([
        .required("name", .text), .required("port", .port), .required("label", .orNull(.text)),
        .required("level", .oneOf(levels)), .required("address", .text),
        .required("owner", .text),
    ])

    private static let diagnosis = Schema.named(
        "Diagnosis",
        .object([
            .required("status", .oneOf(Diagnosis.Status.allCases.map(\.rawValue))),
            .required("area", .oneOf(Diagnosis.Area.allCases.map(\.rawValue))),
            .required("text", .text), .optional("hint", .text),
            .optional("fix", .described("The command that mends it.", .text)),
        ]),
    )

    private static let report = Schema.named(
        "DoctorReport",
        .object([
            .required("version", .text), .required("platform", .text),
            .required("stateDirectory", .text), .required("proxy", .text),
            .required("findings", .array(diagnosis)), .required("failures", .integer()),
            .required("warnings", .integer()),
            .required(
                "authority",
                .orNull(
                    .object([
                        .required("expiresAt", .text),
                        .required(
                            "stores",
                            .array(
                                .object([
                                    .required("name", .text),
                                    .required("trusted", .orNull(.boolean)),
                                ])
                            ),
                        ),
                    ])
                ),
            ),
            .required(
                "running",
                .described("The version of each daemon.", .object([], others: .allowed(.text))),
            ),
        ]),
    )
}

/// Has one examination for all who ask while it goes on.
private actor SharedExamination {
    private let services: ServerServices
    private var current: Task<DoctorReport, any Error>?

    init(_ services: ServerServices) {
        self.services = services
    }

    func report() async throws -> DoctorReport {
        if let current { return try await current.value }
        // It asks tools and the resolver, so it must not take a thread of other requests.
        let task = Task(executorPreference: services.detection) { [examine = services.examine] in
            try examine()
        }
        current = task
        defer { current = nil }
        return try await task.value
    }
}
