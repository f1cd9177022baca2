import HTTPTypes
import HostSystem
import PortlessCore
import Runner

/// The operations on apps: list, show, start, stop.
struct AppOperations {
    let services: ServerServices
    let onRequest: OnRequestService

    var operations: [Operation] {
        [list, one, status]
            + [change("start"), change("stop"), change("restart"), request, up, remove]
    }

    private var list: Operation {
        Operation(
            method: .get,
            path: "/api/apps",
            id: "listApps",
            summary: "All apps, with their processes, ports, names and state.",
            answer: .array(AppSchemas.app),
        ) { _ in
            let details = try AppDetails(services: services)
            let now = Timestamp.now
            let apps = try await catalog().apps
            var list: [JSONValue] = []
            for app in apps { list.append(await details.json(app, now: now)) }
            return .json(.array(list + details.terminalApps(besides: apps)))
        }
    }

    private var one: Operation {
        Operation(
            method: .get,
            path: "/api/apps/{id}",
            id: "getApp",
            summary: "One app.",
            parameters: [AppSchemas.identifier],
            answer: AppSchemas.app,
            refusals: [409],
        ) { call in
            let app = try await app(call)
            return .json(try await AppDetails(services: services).json(app, now: .now))
        }
    }

    private var status: Operation {
        Operation(
            method: .get,
            path: "/api/apps/{id}/status",
            id: "getAppStatus",
            summary: "The state of each process of an app, by its name.",
            parameters: [AppSchemas.identifier],
            answer: .object([], others: .allowed(AppSchemas.processStatus)),
            refusals: [409],
        ) { call in
            let app = try await app(call)
            let now = Timestamp.now
            var statuses = JSONObject()
            for name in app.processNames { statuses[name] = app.status(of: name, now: now) }
            return .object(statuses)
        }
    }

    private func change(_ verb: String) -> Operation {
        Operation(
            method: .post,
            path: "/api/apps/{id}/\(verb)",
            id: "\(verb)App",
            summary: "Asks all processes of an app, or one, to \(verb).",
            access: .change,
            parameters: [AppSchemas.identifier],
            body: .object([.optional("process", .string(StringRule(length: 1...120)))]),
            answer: Outcomes.schema,
            refusals: [409, 502],
        ) { call in
            let name = try await app(call).broughtUp().name
            let process = call.body["process"]?.string
            let supervisor = services.supervisor
            let outcomes: [ProcessOutcome]
            // Before it is done: a request must not start what is being stopped.
            if verb == "stop" {
                await onRequest.stoppedByPerson(name)
                outcomes = try await supervisor.stop(name, process)
            } else {
                await onRequest.startedByPerson(name)
                outcomes =
                    verb == "start"
                    ? try await supervisor.start(name, process)
                    : try await supervisor.restart(name, process)
            }
            return .json(Outcomes.json(outcomes))
        }
    }

    private var request: Operation {
        Operation(
            method: .post,
            path: "/api/apps/{id}/request",
            id: "requestApp",
            summary:
                """
                Starts an app that starts on request, as the proxy asks for a name without a route. \
                `refused` tells why it isn't started, with the last lines of what failed.
                """,
            access: .command,
            parameters: [AppSchemas.identifier],
            body: .object([]),
            answer: .object([
                .required("state", .oneOf(["coming", "refused"])),
                .optional("detail", .text),
                .optional("lines", .array(.text)),
                .optional("retryAfter", .orNull(.integer(1...Int.max))),
            ]),
            refusals: [409],
        ) { call in
            let name = try await app(call).broughtUp().name
            return .json(await onRequest.request(name).json)
        }
    }

    private var up: Operation {
        Operation(
            method: .post,
            path: "/api/up",
            id: "bringUp",
            summary:
                """
                Makes an app's processes those of a plan, and starts them; without `start`, what runs \
                goes on as it is.
                """,
            access: .command,
            body: .object([
                .required("plan", PlanSchema.plan),
                .optional("only", .array(.text, count: 1...1000)),
                .optional("start", .boolean),
            ]),
            answer: Outcomes.schema,
            refusals: [404, 409, 502],
        ) { call in
            let plan: SupervisionPlan
            do {
                plan = try SupervisionPlan(json: call.body["plan"] ?? .null)
            } catch {
                throw Problem.invalid("The plan can't be used: \(error).")
            }
            if call.body["start"]?.bool == false {
                try await services.supervisor.prepare(plan)
                await onRequest.refresh()
                return .json(Outcomes.json([]))
            }
            let only = call.body["only"]?.array?.compactMap(\.string)
            await onRequest.startedByPerson(plan.app)
            return .json(Outcomes.json(try await services.supervisor.up(plan, only: only)))
        }
    }

    private var remove: Operation {
        Operation(
            method: .post,
            path: "/api/apps/{id}/remove",
            id: "removeApp",
            summary:
                """
                Stops an app and forgets that it was up, with its logs. It stays registered, unlike \
                by DELETE.
                """,
            access: .change,
            parameters: [AppSchemas.identifier],
            body: .object([]),
            answer: Outcomes.schema,
            refusals: [409, 502],
        ) { call in
            if let name = try await app(call).supervised?.name {
                try await services.supervisor.remove(name)
            }
            return .json(Outcomes.json([]))
        }
    }

    func catalog() async throws -> AppCatalog {
        AppCatalog(
            registered: try AppRegistry(directory: services.directory).list(),
            supervised: await services.supervisor.apps(),
        )
    }

    func app(_ call: Call) async throws -> CatalogApp {
        try await catalog().app(call.text("id") ?? "")
    }
}

/// The outcomes of a request to an app's processes.
enum Outcomes {
    static let schema = Schema.named(
        "Outcomes",
        .described(
            "`success` is true only if it is for every process.",
            .object([
                .required("success", .boolean),
                .required(
                    "results",
                    .object(
                        [],
                        others: .allowed(
                            .object([
                                .required("success", .boolean),
                                .required("state", AppSchemas.state),
                                .optional("error", .text),
                            ])
                        ),
                    ),
                ),
            ]),
        ),
    )

    static func json(_ outcomes: [ProcessOutcome]) -> JSONValue {
        var results = JSONObject()
        for outcome in outcomes {
            var result: JSONObject = [
                "success": .bool(outcome.error == nil),
                "state": .string(outcome.state.rawValue),
            ]
            result["error"] = outcome.error.map { .string($0) }
            results[outcome.process] = .object(result)
        }
        return .object([
            "success": .bool(outcomes.allSatisfy { $0.error == nil }),
            "results": .object(results),
        ])
    }
}

extension Problem {
    init(_ error: SupervisorError) {
        switch error {
        case .unknownApp: self.init(409, code: "NEVER_UP", error.description)
        case .unknownProcess: self.init(404, code: "NOT_FOUND", error.description)
        case .ofAnotherFolder: self.init(409, code: "OTHER_FOLDER", error.description)
        case .keeperFailed: self.init(502, code: "KEEPER_FAILED", error.description)
        }
    }
}
