import HTTPTypes
import HostSystem
import PortlessCore
import Runner

/// The operations on logs: the last lines, and the stream of new ones.
struct LogOperations {
    /// The original's limit.
    static let mostLines = LogExcerpt.mostLines

    let services: ServerServices
    let apps: AppOperations
    let streams: OpenStreams

    var operations: [Operation] { [tail, follow, processes, byProcess, byApp] }

    private var answer: LogAnswer { LogAnswer(work: services.logReading) }

    private static let lines = Parameter(
        name: "lines",
        place: .query,
        schema: .integer(0...mostLines),
        summary: "How many of the last lines; 100 unless given.",
    )
    private static let process = Parameter(
        name: "process",
        place: .query,
        schema: .string(StringRule(length: 1...120)),
        summary: "The process; all of them unless given.",
    )

    private var tail: Operation {
        Operation(
            method: .get,
            path: "/api/apps/{id}/logs",
            id: "getAppLogs",
            summary: "The last lines of an app's processes, in the order of time.",
            parameters: [AppSchemas.identifier, Self.lines, Self.process],
            answer: LogSchemas.tail,
            refusals: [409, 502],
        ) { call in
            let app = try await apps.app(call)
            let process = try process(call, of: app)
            return .pieces(
                answer.tail(try await lines(of: app, process: process, call), of: process)
            )
        }
    }

    private var follow: Operation {
        Operation(
            method: .get,
            path: "/api/apps/{id}/logs/follow",
            id: "followAppLogs",
            summary: "The last lines, and then each new one as an event.",
            parameters: [AppSchemas.identifier, Self.lines, Self.process],
            answer: ServerSentEvent.schema,
            answerType: "text/event-stream",
            refusals: [409, 502, 503],
        ) { call in
            let app = try await apps.app(call)
            return try await follow(app, process: try process(call, of: app), call)
        }
    }

    private var processes: Operation {
        Operation(
            method: .get,
            path: "/api/logs/processes",
            id: "listProcesses",
            summary: "All processes of all apps, in the shape of PM2's list.",
            answer: .array(AppSchemas.processStatus),
        ) { _ in
            let now = Timestamp.now
            let all = try await apps.catalog().apps.flatMap { app in
                app.processNames.map { app.status(of: $0, now: now) }
            }
            return .json(.array(all))
        }
    }

    /// The original's operation, which names a process without its app.
    private var byProcess: Operation {
        Operation(
            method: .get,
            path: "/api/logs/{process}",
            id: "getProcessLogs",
            summary:
                "The last lines of a process; with `follow=true` also each new one as an event.",
            parameters: [
                Parameter(
                    name: "process",
                    place: .path,
                    schema: .string(StringRule(length: 1...120)),
                    summary: "The process's name, whatever its app.",
                ),
                Self.lines,
                Parameter(
                    name: "follow",
                    place: .query,
                    schema: .boolean,
                    summary: "Whether to go on with new lines.",
                ),
            ],
            answer: LogSchemas.tail,
            otherAnswerType: "text/event-stream",
            refusals: [409, 502, 503],
        ) { call in
            let name = call.text("process") ?? ""
            let app = try await owner(of: name)
            if call.values["follow"]?.bool == true {
                return try await follow(app, process: name, call)
            }
            return .pieces(answer.tail(try await lines(of: app, process: name, call), of: name))
        }
    }

    private var byApp: Operation {
        Operation(
            method: .get,
            path: "/api/logs/app/{id}",
            id: "getLogsOfApp",
            summary: "The last lines of each process of an app, by its name.",
            parameters: [AppSchemas.identifier, Self.lines],
            answer: .object([
                .required("app", .text),
                .required("processes", .object([], others: .allowed(.text))),
            ]),
            refusals: [409, 502],
        ) { call in
            let app = try await apps.app(call)
            let names = app.supervised?.processes.map(\.name) ?? []
            return .pieces(
                answer.texts(of: app.name, names) { name in
                    // An app that has disappeared in the meantime has no lines.
                    (try? await lines(of: app, process: name, call)) ?? LogExcerpt([])
                }
            )
        }
    }

    /// The requested process, which has to be one of the app's.
    private func process(_ call: Call, of app: CatalogApp) throws(Problem) -> String? {
        guard let name = call.text("process") else { return nil }
        guard app.processNames.contains(name) else {
            throw .notFound("\(app.name) has no process called \"\(name)\".")
        }
        return name
    }

    private func owner(of process: String) async throws -> CatalogApp {
        let owners = try await apps.catalog().apps.filter { $0.processNames.contains(process) }
        guard let app = owners.first else {
            throw Problem.notFound("There is no process called \"\(process)\".")
        }
        guard owners.count == 1 else {
            let names = owners.map(\.name).joined(separator: ", ")
            throw Problem(
                409,
                code: "AMBIGUOUS",
                "\(names) all have a process called \"\(process)\". Ask /api/apps/{id}/logs.",
            )
        }
        return app
    }

    /// An app that was never up has no lines.
    private func lines(
        of app: CatalogApp,
        process: String?,
        _ call: Call,
    ) async throws -> LogExcerpt {
        guard let supervised = try? app.broughtUp(process) else { return LogExcerpt([]) }
        return try await withTaskExecutorPreference(services.logReading) {
            try await services.supervisor.logs(
                supervised.name,
                process,
                last: call.integer("lines") ?? 100,
            )
        }
    }

    private func follow(
        _ app: CatalogApp,
        process: String?,
        _ call: Call,
    ) async throws -> Reply {
        // A client that reconnects sends the last line that it received.
        let lines = try await services.supervisor.follow(
            app.broughtUp(process).name,
            process,
            last: call.integer("lines") ?? 100,
            after: call.request.lastEventID.flatMap { Int64($0) },
        )
        let stream = try streams.open(subscribes: false)
        stream.send(
            ServerSentEvent(
                "connected",
                .object([
                    "processName": process.map { .string($0) } ?? .null,
                    "timestamp": .string(Timestamp.now.text),
                ]),
            ).bytes
        )
        stream.feed(lines, on: services.logReading) { ServerSentEvent($0).bytes }
        return .stream(stream)
    }
}
