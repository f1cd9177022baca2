import HTTPTypes
import HostSystem
import PortlessCore
import SystemPackage

/// The operations on crashes: list, show, restart, patches, and the watcher's settings.
struct CrashOperations {
    let services: ServerServices
    let watcher: CrashWatcher

    private var store: CrashStore { watcher.store }

    var operations: [Operation] {
        [
            list, clear, showWatcher, changeWatcher, changeAutofix, one, remove, restart, patch,
            apply, discard,
        ]
    }

    private static let identifier = Parameter(
        name: "id",
        place: .path,
        schema: .string(
            StringRule(length: 1...64, pattern: "^[a-z0-9-]+$", isValid: CrashRecord.isValidID)
        ),
        summary: "The crash's id.",
    )
    private static let entry = Schema.told(CrashRecord.entryShape)

    // MARK: Records

    private var list: Operation {
        Operation(
            method: .get,
            path: "/api/crashes",
            id: "listCrashes",
            summary: "The recorded crashes, newest first.",
            parameters: [
                Self.filter("app", "Only those of this app."),
                Self.filter("process", "Only those of this process."),
                Parameter(
                    name: "limit",
                    place: .query,
                    schema: .integer(1...CrashStore.most),
                    summary: "At most this many.",
                ),
            ],
            answer: .object([
                .required("crashes", .array(Self.entry)), .required("watching", .boolean),
            ]),
            refusals: [500],
        ) { call in
            let (app, process) = (call.text("app"), call.text("process"))
            let limit = call.integer("limit") ?? CrashStore.most
            var entries: [JSONValue] = []
            for record in store.ids().lazy.compactMap(store.record)
            where (app ?? record.app.description) == record.app.description
                && (process ?? record.process) == record.process
            {
                entries.append(record.entry)
                if entries.count == limit { break }
            }
            return .object([
                "crashes": .array(entries),
                "watching": .bool(try Self.settings(watcher).isOn),
            ])
        }
    }

    private static func filter(_ name: String, _ summary: String) -> Parameter {
        Parameter(
            name: name,
            place: .query,
            schema: .string(StringRule(length: 1...253)),
            summary: summary,
        )
    }

    private var one: Operation {
        Operation(
            method: .get,
            path: "/api/crashes/{id}",
            id: "getCrash",
            summary: "A crash with its last lines, ports, variables' names and repository.",
            parameters: [Self.identifier],
            answer: .told(CrashRecord.shape),
        ) { call in .json(try record(call).json) }
    }

    private var remove: Operation {
        Operation(
            method: .delete,
            path: "/api/crashes/{id}",
            id: "deleteCrash",
            summary: "Forgets a crash, with its patch.",
            access: .change,
            parameters: [Self.identifier],
            status: 204,
            refusals: [409],
        ) { call in
            try await watcher.remove(try record(call).id)
            return .empty
        }
    }

    private var clear: Operation {
        Operation(
            method: .delete,
            path: "/api/crashes",
            id: "deleteCrashes",
            summary: "Forgets all crashes but those whose patches are being made or applied.",
            access: .change,
            status: 204,
        ) { _ in
            await watcher.removeAll()
            return .empty
        }
    }

    private var restart: Operation {
        Operation(
            method: .post,
            path: "/api/crashes/{id}/restart",
            id: "restartCrashed",
            summary: "Restarts the process that has crashed.",
            access: .change,
            parameters: [Self.identifier],
            body: .object([]),
            answer: Outcomes.schema,
            refusals: [409, 502],
        ) { call in
            let record = try record(call)
            return .json(
                Outcomes.json(
                    try await services.supervisor.restart(record.app, record.process)
                )
            )
        }
    }

    // MARK: Patches

    private var patch: Operation {
        Operation(
            method: .get,
            path: "/api/crashes/{id}/patch",
            id: "getPatch",
            summary: "The diff that autofix has made for a crash.",
            parameters: [Self.identifier],
            answer: .object([
                .required("patch", .text), .required("files", .array(.text)),
                .required("bytes", .integer()), .required("state", .text),
            ]),
        ) { call in
            let record = try record(call)
            guard let patch = record.patch,
                let bytes = try? AtomicFile.read(
                    store.patchFile(record.id),
                    limit: PatchCheck.mostBytes,
                )
            else { throw Problem.notFound("There is no patch for this crash.") }
            return .object([
                "patch": .string(String(decoding: bytes, as: UTF8.self)),
                "files": .array(patch.files.map { .string($0) }),
                "bytes": .integer(bytes.count),
                "state": .string(patch.state.rawValue),
            ])
        }
    }

    private var apply: Operation {
        Operation(
            method: .post,
            path: "/api/crashes/{id}/apply",
            id: "applyPatch",
            summary: """
                Applies a crash's patch to the project's files and restarts the process; the patch \
                is taken back if that doesn't run then.
                """,
            access: .change,
            parameters: [Self.identifier],
            body: .object([]),
            answer: Self.entry,
            refusals: [409],
        ) { call in .json(try await watcher.apply(try record(call)).entry) }
    }

    private var discard: Operation {
        Operation(
            method: .post,
            path: "/api/crashes/{id}/discard",
            id: "discardPatch",
            summary: "Removes a crash's patch.",
            access: .change,
            parameters: [Self.identifier],
            body: .object([]),
            answer: Self.entry,
            refusals: [409],
        ) { call in .json(try await watcher.discard(try record(call).id).entry) }
    }

    // MARK: The watcher

    private static let watcherSchema = Schema.named(
        "CrashWatcher",
        .object([
            .required("on", .boolean), .required("cooldownMinutes", .integer()),
            .required("autofix", .orNull(.told(CrashSettings.Autofix.shape))),
            .required("ports", .object([.required("api", .port), .required("ui", .port)])),
        ]),
    )

    private var showWatcher: Operation {
        Operation(
            method: .get,
            path: "/api/crashes/watcher",
            id: "getCrashWatcher",
            summary: "Whether crashes are recorded, and what follows one.",
            answer: Self.watcherSchema,
            refusals: [500],
        ) { _ in .json(json(try Self.settings(watcher))) }
    }

    private var changeWatcher: Operation {
        Operation(
            method: .put,
            path: "/api/crashes/watcher",
            id: "changeCrashWatcher",
            summary: "Turns the watcher on or off.",
            access: .change,
            body: .object([.required("on", .boolean)]),
            answer: Self.watcherSchema,
            refusals: [500],
        ) { call in
            _ = try Self.settings(watcher)
            let isOn = call.body["on"]?.bool ?? false
            return .json(json(try await watcher.change { $0.isOn = isOn }))
        }
    }

    private var changeAutofix: Operation {
        Operation(
            method: .put,
            path: "/api/crashes/autofix",
            id: "changeAutofix",
            summary: "Sets the command that makes patches, or with null none.",
            access: .command,
            body: .object([
                .required("autofix", .orNull(.taken(CrashSettings.Autofix.shape)))
            ]),
            answer: Self.watcherSchema,
            refusals: [500],
        ) { call in
            _ = try Self.settings(watcher)
            var autofix: CrashSettings.Autofix?
            if let json = call.body["autofix"], json != .null {
                do {
                    autofix = try CrashSettings.Autofix(json: json)
                } catch {
                    throw Problem.invalid("\(error).")
                }
            }
            return .json(json(try await watcher.change { $0.autofix = autofix }))
        }
    }

    private func json(_ settings: CrashSettings) -> JSONValue {
        func port(_ endpoint: CoreEndpoint) -> Int {
            let open = watcher.features.ports.first {
                $0.owner == endpoint.owner && $0.label == endpoint.label
            }
            return (open?.port ?? endpoint.port).number
        }
        // Reading them takes no token.
        let autofix = settings.autofix.map { autofix in
            var masked = autofix
            masked.command = CrashPrompt.masked(arguments: autofix.command)
            masked.verify = autofix.verify.map { CrashPrompt.masked(arguments: $0) }
            return masked
        }
        return .object([
            "on": .bool(settings.isOn),
            "cooldownMinutes": .integer(CrashSettings.cooldown.components.seconds / 60),
            "autofix": autofix?.json ?? .null,
            "ports": .object([
                "api": .integer(port(.crashWatcher)), "ui": .integer(port(.crashPage)),
            ]),
        ])
    }

    private static func settings(_ watcher: CrashWatcher) throws -> CrashSettings {
        do {
            return try watcher.settings()
        } catch let error as CrashSettingsError {
            throw Problem(500, code: "SETTINGS_UNREADABLE", error.description)
        }
    }

    private func record(_ call: Call) throws(Problem) -> CrashRecord {
        try watcher.record(call.text("id") ?? "")
    }
}
