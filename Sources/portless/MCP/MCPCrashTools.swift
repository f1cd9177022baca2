import PortlessCore

/// The tools for crashes of apps in the background.
struct MCPCrashTools: Sendable {
    private static let mostPatch = 100_000
    private static let mostLineBytes = 40_000
    private static let mostVariables = 200

    let context: CommandContext

    /// All tools that only look, and with `allowsChanges` the other.
    func list(allowsChanges: Bool) -> [MCPTool] {
        let looking = [crashes, show, patch]
        return allowsChanges ? looking + [restart] : looking
    }

    private func client() throws -> APIClient { try ServerControl(context).client() }

    private static let id = MCPTool.Parameter(
        name: "id",
        kind: .text,
        summary: "The crash's id, as list_crashes has it; the newest crash unless given.",
    )

    private func path(_ arguments: MCPTool.Arguments, _ client: APIClient) throws -> String {
        if let id = arguments.text("id") { return "/api/crashes/\(id.pathComponent)" }
        let newest = try client.get("/api/crashes?limit=1")
        guard let id = newest["crashes"]?.array?.first?["id"]?.string else {
            throw Failure(
                "No crash is recorded.",
                remedy: newest["watching"]?.bool == true
                    ? nil : "The watcher is off: `portless crashes on` records crashes.",
            )
        }
        return "/api/crashes/\(id)"
    }

    private var crashes: MCPTool {
        MCPTool(
            name: "list_crashes",
            title: "List crashes",
            summary: """
                The recorded crashes of apps in the background, newest first, each with its \
                diagnosis: what was the cause, how certain that is, and what helps. `watching` \
                tells whether crashes are recorded at all.
                """,
            parameters: [
                .init(name: "app", kind: .text, summary: "Only those of this app."),
                .init(
                    name: "limit",
                    kind: .integer(1...100),
                    summary: "How many; 20 unless given.",
                ),
            ],
        ) { arguments in
            var path = "/api/crashes?limit=\(arguments.integer("limit") ?? 20)"
            if let app = arguments.text("app") { path += "&app=\(app.pathComponent)" }
            return try client().get(path).object ?? [:]
        }
    }

    private var show: MCPTool {
        MCPTool(
            name: "show_crash",
            title: "Show a crash",
            summary: """
                All that is known of one crash: diagnosis with remedy, the process's last lines, its \
                ports and who held them, the names of its variables, the git commit and which files \
                have changed since it last ran well.
                """,
            parameters: [Self.id],
        ) { arguments in
            let client = try client()
            return Self.bounded(try client.get(path(arguments, client)))
        }
    }

    /// A crash with as many of its last lines as an answer may have.
    static func bounded(_ crash: JSONValue) -> JSONObject {
        var result = crash.object ?? [:]
        for key in ["errors", "output"] {
            var room = mostLineBytes
            let lines = (crash[key]?.array ?? []).compactMap { $0["text"]?.string }
            let kept = lines.reversed().prefix { line in
                room -= line.utf8.count
                return room >= 0
            }
            result[key] = .array(kept.reversed().map { .string($0) })
            if kept.count < lines.count {
                result["\(key)_left_out"] = .integer(lines.count - kept.count)
            }
        }
        result["command"] = MCPJobTools.summary(of: crash)["command"]
        if let variables = crash["environment"]?.array, variables.count > mostVariables {
            result["environment"] = .array(Array(variables.prefix(mostVariables)))
        }
        return result
    }

    private var patch: MCPTool {
        MCPTool(
            name: "show_patch",
            title: "Show a crash's patch",
            summary: """
                The diff that autofix has made for a crash. It isn't in the files unless its state \
                is `applied`; the user applies it with `portless crashes apply`.
                """,
            parameters: [Self.id],
        ) { arguments in
            let client = try client()
            var result = try client.get(path(arguments, client) + "/patch").object ?? [:]
            if let text = result["patch"]?.string, text.utf8.count > Self.mostPatch {
                result["patch"] = .string(
                    String(decoding: text.utf8.prefix(Self.mostPatch), as: UTF8.self)
                )
                result["left_out_bytes"] = .integer(text.utf8.count - Self.mostPatch)
            }
            return result
        }
    }

    private var restart: MCPTool {
        MCPTool(
            name: "restart_crashed",
            title: "Restart what has crashed",
            summary: """
                Starts the process of a crash again. Returns at once; wait_for_app tells when its \
                app answers.
                """,
            parameters: [Self.id],
            changes: true,
        ) { arguments in
            let client = try client()
            return try client.post(path(arguments, client) + "/restart", .object([:])).object
                ?? [:]
        }
    }
}
