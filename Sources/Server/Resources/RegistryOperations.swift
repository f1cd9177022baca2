import HTTPTypes
import HostSystem
import PortlessCore
import Projects
import Runner
import SystemPackage

/// The operations that register, change and remove apps.
struct RegistryOperations {
    let services: ServerServices
    let apps: AppOperations

    var operations: [Operation] {
        [create, edit, archive("archive", true), archive("unarchive", false), refresh, delete]
    }

    private var registry: AppRegistry { AppRegistry(directory: services.directory) }
    private var now: JSONValue { .string(Timestamp.now.text) }

    private var create: Operation {
        Operation(
            method: .post,
            path: "/api/apps",
            id: "createApp",
            summary:
                """
                Registers the project in a folder. What isn't given is what its files tell, as with \
                `portless apps add`.
                """,
            access: .change,
            body: AppRecord.creation,
            answer: AppRecord.stored,
            status: 201,
            refusals: [409],
        ) { call in
            var fields = AppRecord.fields(of: call.body)
            let folder = try Self.folder(fields)
            fields["repoPath"] = .string(folder.string)
            // Checked first, because reading a large folder takes a while.
            try translated { try registry.checkIsFree(folder) }
            var app = RegisteredApp(folder: folder, detected: try await detected(in: folder))
            app.set(fields)
            try translated { try registry.insert(app) }
            return .json(app.stored)
        }
    }

    private var edit: Operation {
        Operation(
            method: .put,
            path: "/api/apps/{id}",
            id: "editApp",
            summary:
                """
                Changes fields of a registered app; the others stay. Only the registry changes, never \
                the project's files. Fields that are as the app shows them are no change, and those \
                that the server works out are ignored.
                """,
            access: .change,
            parameters: [AppSchemas.identifier],
            body: AppRecord.edit,
            answer: AppRecord.stored,
            refusals: [409],
        ) { call in
            let app = try await apps.app(call)
            let shown = app.json(routes: [], now: .now)
            var changes = JSONObject()
            for (key, value) in AppRecord.fields(of: call.body).members
            where value != shown[key] { changes[key] = value }
            if changes["repoPath"] != nil {
                changes["repoPath"] = .string(try Self.folder(changes).string)
            }
            let stored = try update(app) { $0.set(changes) }
            if changes["start"] != nil || changes["idle"] != nil, let supervised = app.supervised {
                try await services.supervisor.change(
                    supervised.name,
                    toStartOnRequest: stored.onRequest(otherwise: supervised.onRequest),
                )
                await apps.onRequest.refresh()
            }
            return .json(stored.stored)
        }
    }

    private func archive(_ verb: String, _ isArchived: Bool) -> Operation {
        Operation(
            method: .post,
            path: "/api/apps/{id}/\(verb)",
            id: "\(verb)App",
            summary: isArchived
                ? "Puts an app aside; what runs of it runs on." : "Takes an app back.",
            access: .change,
            parameters: [AppSchemas.identifier],
            body: .object([]),
            answer: AppRecord.stored,
            refusals: [409],
        ) { call in
            let app = try await apps.app(call)
            return .json(try update(app) { $0.set(["archived": .bool(isArchived)]) }.stored)
        }
    }

    private var refresh: Operation {
        Operation(
            method: .post,
            path: "/api/apps/{id}/refresh-config",
            id: "refreshApp",
            summary: "Reads the processes and ports of an app from its files again.",
            access: .change,
            parameters: [AppSchemas.identifier],
            body: .object([]),
            answer: .object([
                .required("success", .boolean),
                .required(
                    "updated",
                    .described("Whether anything is different now.", .boolean),
                ),
                .required("app", AppRecord.stored),
                .required("processes", .array(.any)),
            ]),
            refusals: [409],
        ) { call in
            let app = try await apps.app(call)
            let registered = try Self.registered(app)
            let detected = try await detected(in: try Self.folder(of: registered))
            if let reason = detected.whyUnreadable(app.name) {
                throw Problem(409, code: "CONFIG_UNREADABLE", reason)
            }
            var fresh = registered
            fresh.refresh(from: detected)
            let isUpdated = fresh != registered
            let stored =
                isUpdated ? try update(app) { $0.refresh(from: detected) } : registered
            return .object([
                "success": .bool(true), "updated": .bool(isUpdated), "app": stored.stored,
                "processes": .array(stored.record["processes"]?.array ?? []),
            ])
        }
    }

    private var delete: Operation {
        Operation(
            method: .delete,
            path: "/api/apps/{id}",
            id: "deleteApp",
            summary:
                """
                Stops an app, and forgets that it was up, with its logs, and that it is registered. \
                `remove` keeps it registered.
                """,
            access: .change,
            parameters: [AppSchemas.identifier],
            status: 204,
            refusals: [409, 502],
        ) { call in
            let app = try await apps.app(call)
            if let name = app.supervised?.name {
                do {
                    try await services.supervisor.remove(name)
                } catch SupervisorError.unknownApp(_) {
                    // Another client was faster.
                }
            }
            if let id = app.registered?.id { try registry.remove(id: id) }
            return .empty
        }
    }

    /// Changes the stored app and the time of its last change.
    private func update(
        _ app: CatalogApp,
        _ body: (inout RegisteredApp) -> Void,
    ) throws -> RegisteredApp {
        let id = try Self.registered(app).id
        let stored = try translated {
            try registry.update(id: id) { app in
                body(&app)
                app.set(["updatedAt": now])
            }
        }
        guard let stored else { throw Problem.notFound("\(app.name) is not registered any more.") }
        return stored
    }

    private func translated<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as AppRegistry.Failure {
            switch error {
            case .taken: throw Problem(409, code: "ALREADY_REGISTERED", error.description)
            case .tooLarge: throw Problem(413, code: "TOO_LARGE", error.description)
            case .unreadable: throw error
            }
        }
    }

    private func detected(in folder: FilePath) async throws -> DetectedProject {
        try await services.detection.run { [services] in services.detect(folder) }
    }

    private static func registered(_ app: CatalogApp) throws(Problem) -> RegisteredApp {
        if let registered = app.registered { return registered }
        let folder = app.supervised?.directory.string ?? "<dir>"
        throw Problem(
            409,
            code: "NOT_REGISTERED",
            """
            \(app.name) was brought up, but is not registered. \
            `portless apps add \(folder)` does that, or POST /api/apps.
            """,
        )
    }

    /// The folder that the client named, with links resolved, so that it is always the same app.
    private static func folder(_ fields: JSONObject) throws(Problem) -> FilePath {
        let text = fields["repoPath"]?.string ?? ""
        guard let folder = directory(FilePath(text)) else {
            throw .invalid("\"repoPath\" has to be a directory, and \(text) is none.")
        }
        return folder
    }

    private static func folder(of app: RegisteredApp) throws(Problem) -> FilePath {
        let path = app.directory ?? ""
        guard path.isAbsolute, let folder = directory(path) else {
            throw Problem(
                409,
                code: "FOLDER_GONE",
                """
                The folder of \(app.name), \(path), is not there. \
                Move it back, or change the app's repoPath.
                """,
            )
        }
        return folder
    }

    private static func directory(_ path: FilePath) -> FilePath? {
        guard let folder = FileSystem.canonical(path),
            let status = try? FileStatus.of(folder), status.isDirectory
        else { return nil }
        return folder
    }
}
