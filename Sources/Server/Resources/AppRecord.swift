import PortlessCore

/// An app as clients write it, in the original's fields.
enum AppRecord {
    /// Fields that the API computes or the registry keeps itself; clients may send them back.
    private static let derived: Set = [
        "project", "branch", "worktree", "urls", "lastLines", "terminal", "id", "uiUrl",
        "createdAt", "updatedAt", "pm2Status", "overallStatus", "degraded",
        "endpoints", "names", "supervised", "hasDeployScript", "xcodeScripts", "appVersion",
        "hasSubmodules",
    ]

    static let path = Schema.string(
        StringRule(length: 1...4096, pattern: #"^/[^\u0000]*$"#, meaning: "an absolute path") {
            $0.hasPrefix("/") && !$0.utf8.contains(0)
        }
    )

    /// Unknown fields, which are kept.
    static let creation = Schema.object(
        [.required("repoPath", path)] + fields,
        others: .allowed(.any),
    )
    static let edit = Schema.object(
        [.optional("repoPath", path)] + fields,
        others: .allowed(.any),
    )

    static let stored = Schema.named(
        "RegisteredApp",
        .described(
            "An app as the registry keeps it.",
            .object(
                [
                    .required("id", .text), .optional("name", .text), .optional("repoPath", .text),
                    .optional("archived", .boolean), .optional("createdAt", .orNull(.text)),
                    .optional("updatedAt", .orNull(.text)),
                ],
                others: .allowed(.any),
            ),
        ),
    )

    private static let fields: [Schema.Member] = [
        .optional("name", .string(StringRule(length: 1...100))),
        .optional("description", .text), .optional("type", .text),
        .optional("uiPort", .orNull(.port)), .optional("devUiPort", .orNull(.port)),
        .optional("apiPort", .orNull(.port)), .optional("tlsPort", .orNull(.port)),
        .optional("buildCommand", .string(StringRule(length: 0...200))),
        .optional("startCommands", .array(.text)),
        .optional("pm2ProcessNames", .array(.text)),
        .optional("processes", .array(process)),
        .optional("pm2Home", .orNull(.text)), .optional("nativeLaunch", .orNull(nativeLaunch)),
        .optional("envFile", .text), .optional("icon", .orNull(.text)),
        .optional("appIconPath", .orNull(.text)), .optional("editorCommand", .text),
        .optional("archived", .boolean),
        .optional("start", .orNull(.oneOf(OnRequest.Mode.allCases.map(\.rawValue)))),
        .optional("idle", .orNull(idle)),
    ]

    private static let idle = Schema.string(
        StringRule(
            length: 2...40,
            meaning: "a time such as 30m, of a second or more, or \"never\"",
        ) {
            $0 == "never" || OnRequest.idle($0) != nil
        }
    )

    private static let process = Schema.object(
        [
            .required("name", .string(StringRule(length: 1...120))),
            .optional("port", .orNull(.port)), .optional("ports", AppSchemas.ports),
        ],
        others: .allowed(.any),
    )

    private static let nativeLaunch = Schema.object(
        [
            .required("label", .string(StringRule(length: 1...40))),
            .required("command", .string(StringRule(length: 1...500))),
            .required(
                "processName",
                .string(
                    StringRule(length: 1...120, pattern: "^[A-Za-z0-9._-]+$") { name in
                        name.utf8.allSatisfy { byte in
                            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                                || (0x61...0x7A).contains(byte) || "._-".utf8.contains(byte)
                        }
                    }
                ),
            ),
        ],
        others: .allowed(.any),
    )

    /// The fields of a body that clients may set.
    static func fields(of body: JSONValue) -> JSONObject {
        var fields = JSONObject()
        for (key, value) in body.object?.members ?? [] where !derived.contains(key) {
            fields[key] = value
        }
        return fields
    }
}

extension RegisteredApp {
    mutating func set(_ fields: JSONObject) {
        for (key, value) in fields.members { record[key] = value }
    }

    /// The record alone, as the original answers changes.
    var stored: JSONValue {
        var object: JSONObject = ["id": .string(id)]
        for (key, value) in record.members where key != "id" { object[key] = value }
        return .object(object)
    }
}
