import HostSystem
import Machine
import PortlessCore
import SystemPackage

/// The tools of a session, in terms of the API and of the commands.
struct MCPTools: Sendable {
    private static let mostApps = 200
    private static let mostLines = 1000
    private static let longestLine = 2000
    /// Of the lines of one answer together.
    private static let mostBytes = 100_000

    let context: CommandContext

    /// All tools that only look, and with `allowsChanges` the others.
    func list(allowsChanges: Bool) -> [MCPTool] {
        let looking = [apps, url, logs, wait, ports, explain, detect, traffic, doctor]
        return allowsChanges ? looking + [up] + changes : looking
    }

    func client() throws -> APIClient { try ServerControl(context).client() }

    // MARK: Apps

    static let app = MCPTool.Parameter(
        name: "app",
        kind: .text,
        summary: "The app's name, as list_apps has it.",
        isRequired: true,
    )

    private static let process = MCPTool.Parameter(
        name: "process",
        kind: .text,
        summary: "One process of the app; all of them unless given.",
    )

    static let folder = MCPTool.Parameter(
        name: "folder",
        kind: .text,
        summary: "The project's folder; the one that this session runs in unless given.",
    )

    private var apps: MCPTool {
        MCPTool(
            name: "list_apps",
            title: "List apps",
            summary: """
                The apps that run on this machine, or were brought up before: state, URLs, folder, \
                git branch and processes, with why a process doesn't run. Each worktree is an app \
                of its own; use the one whose folder you work in.
                """,
        ) { _ in
            let apps = try client().get("/api/apps").array ?? []
            var result: JSONObject = [
                "apps": .array(apps.prefix(Self.mostApps).map(Self.summary))
            ]
            if apps.count > Self.mostApps {
                result["left_out"] = .integer(apps.count - Self.mostApps)
            }
            return result
        }
    }

    static func summary(of app: JSONValue) -> JSONValue {
        let supervised = app["supervised"]
        var result: JSONObject = [
            "name": app["name"] ?? .null, "state": app["overallStatus"] ?? .null,
            "folder": supervised?["directory"] ?? app["terminal"]?["directory"]
                ?? app["repoPath"] ?? .null,
            "branch": app["branch"] ?? .null,
            "urls": .array(
                (app["urls"]?.array ?? []).map { url in
                    .object(["label": url["label"] ?? .null, "url": url["url"] ?? .null])
                }
            ),
        ]
        let processes = supervised?["processes"]?.array ?? app["processes"]?.array ?? []
        result["processes"] = .array(
            processes.map { process in
                var object: JSONObject = ["name": process["name"] ?? .null]
                for key in ["state", "pid", "ports", "reason", "restarts"] {
                    object[key] = process[key]
                }
                return .object(object)
            }
        )
        if app["terminal"] != nil { result["runs_in"] = .string("a terminal") }
        return .object(result)
    }

    private var url: MCPTool {
        MCPTool(
            name: "get_url",
            title: "Get a URL",
            summary: """
                The URL of an app, or of one of its labels such as api.shop. It is the same at every \
                start, so prefer it to any port.
                """,
            parameters: [
                .init(
                    name: "name",
                    kind: .text,
                    summary: "The app's name, or label.name.",
                    isRequired: true,
                )
            ],
        ) { arguments in
            let proxy = try context.describeProxy()
            let name = try AppName(parsing: arguments.text("name") ?? "")
            guard let hostname = try name.hostnames(under: proxy.tlds).first else {
                throw Failure("\(name) is no name under .\(proxy.tlds[0]).")
            }
            let routes = try context.routes().list()
            return [
                "url": .string(proxy.url(for: hostname)),
                "runs": .bool(routes.contains { $0.hostname == hostname.description }),
            ]
        }
    }

    // MARK: Logs

    private var logs: MCPTool {
        MCPTool(
            name: "read_logs",
            title: "Read logs",
            summary: """
                The last lines that an app in the background has written, oldest first. Give the \
                cursor of an earlier answer as `after` for what came since.
                """,
            parameters: [
                Self.app, Self.process,
                .init(
                    name: "lines",
                    kind: .integer(1...Self.mostLines),
                    summary: "How many of the last lines that fit; 100 unless given.",
                ),
                .init(
                    name: "contains",
                    kind: .text,
                    summary: "Only lines with this text, in capitals or not.",
                ),
                .init(
                    name: "after",
                    kind: .integer(0...Int.max),
                    summary: "Only lines after this cursor.",
                ),
            ],
        ) { arguments in
            var path = "/api/apps/\((arguments.text("app") ?? "").pathComponent)/logs?lines=5000"
            if let process = arguments.text("process") {
                path += "&process=\(process.pathComponent)"
            }
            let entries = try client().get(path)["entries"]?.array ?? []
            return Self.excerpt(
                of: entries,
                last: arguments.integer("lines") ?? 100,
                contains: arguments.text("contains"),
                after: arguments.integer("after"),
            )
        }
    }

    /// The last of the lines that fit, as many as an answer may have.
    static func excerpt(
        of entries: [JSONValue],
        last count: Int,
        contains text: String?,
        after: Int?,
    ) -> JSONObject {
        let wanted = text?.lowercased()
        let fitting = entries.filter { entry in
            let isNew = after.map { (entry["cursor"]?.integer ?? 0) > $0 } ?? true
            return isNew
                && wanted.map { entry["text"]?.string?.lowercased().contains($0) == true } ?? true
        }
        var lines: [JSONValue] = []
        var bytes = 0
        for entry in fitting.suffix(count).reversed() {
            let text = entry["text"]?.string ?? ""
            let shown =
                text.count > longestLine ? "\(text.prefix(longestLine))… (cut)" : text
            bytes += shown.utf8.count + 100
            guard bytes <= mostBytes else { break }
            var line = JSONObject()
            for key in ["process", "time", "stream"] { line[key] = entry[key] }
            line["text"] = .string(shown)
            lines.append(.object(line))
        }
        return [
            "lines": .array(lines.reversed()),
            "left_out": .integer(fitting.count - lines.count),
            "cursor": entries.last?["cursor"] ?? after.map { .integer($0) } ?? .null,
        ]
    }

    // MARK: Ports

    private var ports: MCPTool {
        MCPTool(
            name: "list_ports",
            title: "List ports",
            summary: "Which app has which port by which label, who listens there, and its name.",
        ) { _ in
            let rows = try client().get("/api/ports")["ports"]?.array ?? []
            return ["ports": .array(Array(rows.prefix(500)))]
        }
    }

    private var explain: MCPTool {
        MCPTool(
            name: "explain_port",
            title: "Explain a port",
            summary: "All that is known of one port: whose it is, who listens, what holds it.",
            parameters: [
                .init(
                    name: "port",
                    kind: .integer(1...65535),
                    summary: "The port.",
                    isRequired: true,
                )
            ],
        ) { arguments in
            try client().get("/api/ports/\(arguments.integer("port") ?? 0)").object ?? [:]
        }
    }

    private var detect: MCPTool {
        MCPTool(
            name: "detect_ports",
            title: "Detect a project's ports",
            summary: """
                The processes, ports and labels that a project's own files declare, each with file \
                and line. Nothing is executed.
                """,
            parameters: [Self.folder],
        ) { arguments in
            let folder = context.resolve(arguments.text("folder") ?? ".")
            let answer = try client().post(
                "/api/detect/repo",
                .object(["path": .string(folder.string)]),
            )
            return answer["project"]?.object ?? answer.object ?? [:]
        }
    }

    // MARK: The machine

    private var traffic: MCPTool {
        MCPTool(
            name: "recent_traffic",
            title: "Recent traffic",
            summary: """
                The latest requests that went through the proxy: method, path, status, time. It \
                records while someone looks, so a first call may find none.
                """,
            parameters: [
                .init(name: "app", kind: .text, summary: "Only requests to this app."),
                .init(
                    name: "limit",
                    kind: .integer(1...200),
                    summary: "How many; 50 unless given.",
                ),
            ],
        ) { arguments in
            var path = "/api/traffic?limit=\(arguments.integer("limit") ?? 50)"
            if let app = arguments.text("app") { path += "&app=\(app.pathComponent)" }
            return try client().get(path).object ?? [:]
        }
    }

    private var doctor: MCPTool {
        MCPTool(
            name: "doctor",
            title: "Look for what is wrong",
            summary: """
                Checks proxy, certificates, names and state; each finding may have the command that \
                mends it.
                """,
        ) { _ in
            let report = try Doctor(context: context, proxy: context.describeProxy()).report()
            return report.json.object ?? [:]
        }
    }

    // MARK: Changes

    private var changes: [MCPTool] {
        [
            ("start", "Start an app", "Starts an app that was brought up before, or one process."),
            ("stop", "Stop an app", "Stops an app in the background, or one process of it."),
            ("restart", "Restart an app", "Ends and starts an app, or one process of it."),
        ].map { verb, title, summary in
            MCPTool(
                name: "\(verb)_app",
                title: title,
                summary: summary + " Returns at once; wait_for_app tells when it is online.",
                parameters: [Self.app, Self.process],
                changes: true,
            ) { arguments in
                var body = JSONObject()
                body["process"] = arguments.text("process").map { .string($0) }
                let name = (arguments.text("app") ?? "").pathComponent
                return try client().post("/api/apps/\(name)/\(verb)", .object(body)).object ?? [:]
            }
        }
    }
}

extension String {
    /// The text with all but letters, digits and `-._~` percent-encoded (RFC 3986 section 2.3).
    var pathComponent: String {
        utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
