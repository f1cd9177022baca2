import HTTPTypes
import HostSystem
import PortlessCore
import SystemPackage

/// The operations that inspect a folder, a port or a process, in the original's shapes.
struct DetectOperations {
    let services: ServerServices
    let apps: AppOperations

    var operations: [Operation] { [repository, port, process] }

    private var repository: Operation {
        Operation(
            method: .post,
            path: "/api/detect/repo",
            id: "detectRepository",
            summary: "What a project's own files say of it.",
            // It reveals files, so it requires the token like a change.
            access: .change,
            body: .object([.required("path", .string(StringRule(length: 1...4096)))]),
            answer: Self.repositorySchema,
        ) { [services] call in
            let path = call.body["path"]?.string ?? ""
            return .json(try await services.detection.run { Repository.describe(path) })
        }
    }

    private var port: Operation {
        Operation(
            method: .post,
            path: "/api/detect/port",
            id: "detectPort",
            summary: "Whether a process listens on a port, and which.",
            body: .object([.required("port", .port)]),
            answer: .object([
                .required("port", .port), .required("inUse", .boolean),
                .required(
                    "process",
                    .orNull(
                        .object([
                            .required("command", .orNull(.text)),
                            .required("pid", .orNull(.integer())),
                        ])
                    ),
                ),
            ]),
        ) { [services] call in
            guard let port = call.body["port"]?.integer.flatMap({ Port($0) }) else {
                throw Problem.invalid("\"port\" has to be a port.")
            }
            let survey = try PortSurvey.take(
                of: services.directory,
                tlds: services.proxy().tlds,
            )
            let listener = survey.listeners.first { $0.port == port && !$0.isDatagram }
            var answer: JSONObject = [
                "port": .integer(port.number), "inUse": .bool(listener != nil),
                "process": .null,
            ]
            if let listener {
                answer["process"] = .object([
                    "command": listener.process?.command.map { .string($0) } ?? .null,
                    "pid": listener.process.map { .integer($0.pid) } ?? .null,
                ])
            }
            return .object(answer)
        }
    }

    private var process: Operation {
        Operation(
            method: .post,
            path: "/api/detect/pm2",
            id: "detectProcess",
            summary: "Whether there is a process of this name, and how it is.",
            body: .object([.required("name", .string(StringRule(length: 1...120)))]),
            answer: .object([
                .required("name", .text), .required("exists", .boolean),
                .required("process", .orNull(AppSchemas.processStatus)),
            ]),
        ) { [apps] call in
            let name = call.body["name"]?.string ?? ""
            let now = Timestamp.now
            let app = try await apps.catalog().apps.first {
                $0.supervised?.process(name) != nil
            }
            return .object([
                "name": .string(name), "exists": .bool(app != nil),
                "process": app?.status(of: name, now: now) ?? .null,
            ])
        }
    }

    private static let repositorySchema = Schema.either([
        .object([
            .required("valid", .boolean), .required("path", .text),
            .required("type", .text), .required("hasPackageJson", .boolean),
            .required("hasGit", .boolean),
            .required("packageJson", .orNull(.object([], others: .allowed(.any)))),
            .required("detectedPorts", .object([], others: .allowed(.port))),
            .required("startCommands", .array(.text)),
            .required("project", .object([], others: .allowed(.any))),
        ]),
        .object([.required("valid", .boolean), .required("error", .text)]),
    ])
}
