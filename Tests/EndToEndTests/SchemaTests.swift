import Foundation
import Testing

extension EndToEnd {
    /// What commands print with `--json`, against docs/schemas.
    @Suite struct SchemaTests {}
}

extension EndToEnd.SchemaTests {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "docs/schemas")

    private static let suffix = ".schema.json"

    private func check(
        _ name: String,
        _ arguments: [String],
        byLine: Bool = false,
        in sandbox: Sandbox,
    ) async throws {
        let result = try await sandbox.start([Binary.path] + arguments).finished()
        let file = sandbox.root.appending(path: "\(name).json")
        try Data(result.output.utf8).write(to: file)
        let schema = Self.folder.appending(path: "\(name).schema.json").path()
        let check = try await sandbox.start(
            ["python3", Apps.path("schema.py"), schema, file.path()] + (byLine ? ["lines"] : [])
        ).finished()
        #expect(
            check.output.hasPrefix("passed"),
            "\(arguments): \(result.output) \(result.talk) \(check.talk)",
        )
    }

    @Test func `every command with --json has a schema, which the docs list`() async throws {
        try await Sandbox.with { sandbox in
            let list = try String(
                contentsOf: Self.folder.appending(path: "README.md"),
                encoding: .utf8,
            )
            func takesJSON(_ command: String) async throws -> Bool {
                let words = command.split(separator: " ").map(String.init)
                return try await sandbox.start([Binary.path] + words + ["--help"]).finished()
                    .output.contains("--json ")
            }
            let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path())
                .filter { $0.hasSuffix(Self.suffix) }
            for command in try await CommandList.listed(by: sandbox) where !command.isEmpty {
                guard try await takesJSON(command) else { continue }
                let name = command.replacing(" ", with: "-") + Self.suffix
                #expect(files.contains(name), "\(name)")
            }
            for name in files {
                let command = String(name.dropLast(Self.suffix.count)).replacing("-", with: " ")
                #expect(try await takesJSON(command), "\(command)")
                #expect(list.contains("(\(name))"), "\(name) in the list")
            }
        }
    }

    @Test func `what runs is told as its schemas say`() async throws {
        try await Sandbox.withMachine { sandbox, _, _ in
            _ = try sandbox.leaseFromOwnRange()
            try sandbox.write(
                """
                {"name": "shop", "processes": {
                  "web": {"command": "node \(Apps.path("node-http.js"))", "ports": ["ui"]},
                  "job": {"command": ["sh", "-c", "echo boom; exit 3"], "autorestart": false}}}
                """,
                to: "portless.json",
            )
            try await check("up", ["up", "--wait", "--json"], in: sandbox)
            try await check("up", ["up", "nothing", "--json"], in: sandbox)
            try await check("wait", ["wait", "shop", "--json"], in: sandbox)
            try await sandbox.run("git", "init", "-q", sandbox.project.path())
            try await check("worktrees", ["worktrees", "--json"], in: sandbox)
            try await check("browser-status", ["browser", "status", "--json"], in: sandbox)
            try await check("dns-status", ["dns", "status", "--json"], in: sandbox)
            try await check("remote", ["remote", "--json"], in: sandbox)
            try await check("remote-list", ["remote", "list", "--json"], in: sandbox)
            try await check("remote-status", ["remote", "status", "--json"], in: sandbox)
            try await check("config-show", ["config", "show", "--json"], in: sandbox)
            try await check("ps", ["ps", "--json"], in: sandbox)
            try await check("logs", ["logs", "--json"], byLine: true, in: sandbox)
            try await sandbox.portless("alias", "db", "5432")
            try await check("list", ["list", "--json"], in: sandbox)
            try await check("get", ["get", "shop", "--json"], in: sandbox)
            try await check("get", ["get", "nothing", "--json"], in: sandbox)
            try await check("share", ["share", "--list", "--json"], in: sandbox)
            try await check("apps", ["apps", "--json"], in: sandbox)
            try await check("apps-add", ["apps", "add", ".", "--json"], in: sandbox)
            try await check("apps-show", ["apps", "show", "shop", "--json"], in: sandbox)
            try await check(
                "apps-set",
                ["apps", "set", "shop", "--start", "on-request", "--idle", "30m", "--json"],
                in: sandbox,
            )
            try await check("ports", ["ports", "--json", "--all"], in: sandbox)
            try await check("doctor", ["doctor", "--json"], in: sandbox)
            try await check("server-status", ["server", "status", "--json"], in: sandbox)
            try await check("apps-remove", ["apps", "remove", "shop", "--json"], in: sandbox)
            let traffic = try sandbox.startPortless("traffic", "--json")
            try await eventually("a request is recorded; \(traffic.talk)") {
                _ = try await sandbox.curl(sandbox.url("shop"))
                return traffic.output.contains("\n") ? () : nil
            }
            try await check(
                "traffic",
                ["traffic", "-n", "1", "--json"],
                byLine: true,
                in: sandbox,
            )
            traffic.send(SIGINT)
            try await check(
                "run",
                ["blog", "--detach", "--json", "node", Apps.path("node-http.js")],
                in: sandbox,
            )
            try await sandbox.portless("down", "blog")
            try await sandbox.portless("down")
            for (name, arguments) in [
                (
                    "jobs-run",
                    ["jobs", "run", "--name", "build", "--wait", "--json", "--", "true"],
                ),
                ("jobs-list", ["jobs", "list", "--json"]),
                ("jobs-show", ["jobs", "show", "build", "--json"]),
                ("jobs-wait", ["jobs", "wait", "build", "--json"]),
                ("jobs-stop", ["jobs", "stop", "build", "--json"]),
                ("jobs-kill", ["jobs", "kill", "build", "--json"]),
                ("jobs-prune", ["jobs", "prune", "--json"]),
                ("crashes", ["crashes", "--json"]),
                ("crashes-list", ["crashes", "list", "--json"]),
                ("crashes-autofix", ["crashes", "autofix", "--json"]),
            ] { try await check(name, arguments, in: sandbox) }
        }
    }

    @Test func `ports are told as their schemas say`() async throws {
        try await Sandbox.with { sandbox in
            let first = try sandbox.leaseFromOwnRange()
            try sandbox.write(#"{"scripts": {"dev": "vite --port 80"}}"#, to: "package.json")
            try sandbox.write("API_PORT=\(first + 5)\n", to: ".env")
            for (name, arguments) in [
                ("ports-lease", ["ports", "lease", "shop", "ui:The page", "api", "--json"]),
                ("ports-find", ["ports", "find", "2", "--json"]),
                ("ports-explain", ["ports", "explain", "\(first)", "--json"]),
                ("ports-detect", ["ports", "detect", "--json"]),
                ("ports-check", ["ports", "check", "--json"]),
                ("server-status", ["server", "status", "--json"]),
                ("ports-release", ["ports", "release", "shop", "--json"]),
            ] { try await check(name, arguments, in: sandbox) }
        }
    }
}
