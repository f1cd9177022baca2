import HTTPTypes
import HostSystem
import PortlessCore
import Runner

/// What the original's page of crashes asks for on its own port, beside the whole API.
struct CrashPageOperations {
    /// How many lines a stream of logs begins with.
    private static let backlog = 50

    let services: ServerServices
    let watcher: CrashWatcher
    let streams: OpenStreams

    var operations: [Operation] {
        [history, status, change("restart"), change("stop"), logs, authentication]
    }

    private var history: Operation {
        Operation(
            method: .get,
            path: "/api/history",
            id: "getCrashHistory",
            summary: "The recorded crashes in the original's form, newest first.",
            answer: .array(.object([.required("id", .text)], others: .allowed(.any))),
        ) { _ in
            .json(
                .array(
                    watcher.store.records().map { record in
                        .object([
                            "id": .string(record.id), "timestamp": .string(record.time.text),
                            "processName": .string(record.process),
                            "app": .string(record.app.description),
                            "success": .bool(record.patch?.state == .applied),
                            "promoted": .bool(record.patch?.state == .applied),
                            "status": .string(record.patch?.state.rawValue ?? "recorded"),
                            "summary": .string(record.diagnosis.sentence),
                        ])
                    }
                )
            )
        }
    }

    private var status: Operation {
        Operation(
            method: .get,
            path: "/api/status",
            id: "getCrashStatus",
            summary: "Whether the watcher is on, and how many apps there are.",
            answer: .object([.required("enabled", .boolean)], others: .allowed(.any)),
        ) { _ in
            let apps = await services.supervisor.apps()
            let last = watcher.store.ids().lazy.compactMap(watcher.store.record).first
            return .object([
                "enabled": .bool((try? watcher.settings())?.isOn ?? false),
                "apps": .integer(apps.count),
                "errored": .integer(apps.filter { $0.state == .errored }.count),
                "lastCrash": last.map { .string($0.time.text) } ?? .null,
                "version": .string(services.version),
            ])
        }
    }

    private static let process = StringRule(length: 1...120, isValid: ProcessName.isValid)

    private func change(_ verb: String) -> Operation {
        Operation(
            method: .post,
            path: "/api/\(verb)/{process}",
            id: "\(verb)Process",
            summary: "Asks a process to \(verb), whatever its app.",
            access: .change,
            parameters: [
                Parameter(
                    name: "process",
                    place: .path,
                    schema: .string(Self.process),
                    summary: "The process's name.",
                )
            ],
            body: .object([]),
            answer: .object([.required("success", .boolean), .required("process", .text)]),
            refusals: [409, 502],
        ) { call in
            let name = call.text("process") ?? ""
            let app = try await owner(of: name)
            let outcomes =
                verb == "stop"
                ? try await services.supervisor.stop(app, name)
                : try await services.supervisor.restart(app, name)
            return .object([
                "success": .bool(outcomes.allSatisfy { $0.error == nil }),
                "process": .string(name),
            ])
        }
    }

    private var logs: Operation {
        Operation(
            method: .get,
            path: "/logs",
            id: "followCrashLogs",
            summary: "The last lines of a process, and then each new one as an event.",
            parameters: [
                Parameter(
                    name: "process",
                    place: .query,
                    schema: .string(Self.process),
                    summary: "The process's name.",
                )
            ],
            answer: ServerSentEvent.schema,
            answerType: "text/event-stream",
            refusals: [404, 409, 503],
        ) { call in
            guard let name = call.text("process") else {
                throw Problem.invalid("Name a process: /logs?process=…")
            }
            let lines = try await services.supervisor.follow(
                owner(of: name),
                name,
                last: Self.backlog,
                after: nil,
            )
            let stream = try streams.open(subscribes: false)
            stream.feed(lines, on: services.logReading) { line in
                let data: JSONObject = [
                    "type": .string("log"), "message": .string(line.text),
                    "stream": .string(line.stream == .error ? "err" : "out"),
                    "timestamp": .string(line.time.text),
                ]
                // Pages of the original read events without a name, which are called message.
                return ServerSentEvent("message", .object(data)).bytes
            }
            return Self.reply(with: stream)
        }
    }

    /// Not inlined, because scripts/check-miscompilation would refuse the function that it became a
    /// part of.
    @inline(never)
    private static func reply(with stream: EventStream) -> Reply { .stream(stream) }

    private var authentication: Operation {
        Operation(
            method: .get,
            path: "/api/auth/status",
            id: "getCrashAuthentication",
            summary: "That no password is needed; changes take the token or the page's cookie.",
            answer: .object([
                .required("authenticated", .boolean), .required("passwordRequired", .boolean),
            ]),
        ) { _ in
            .object(["authenticated": .bool(true), "passwordRequired": .bool(false)])
        }
    }

    /// The only app that has such a process.
    private func owner(of process: String) async throws -> AppName {
        let owners = await services.supervisor.apps().filter { $0.process(process) != nil }
        guard let app = owners.first else {
            throw Problem.notFound("There is no process called \"\(process)\".")
        }
        guard owners.count == 1 else {
            let names = owners.map(\.name.description).joined(separator: ", ")
            throw Problem(
                409,
                code: "AMBIGUOUS",
                "\(names) all have a process called \"\(process)\". Ask /api/apps/{id}.",
            )
        }
        return app.name
    }
}
