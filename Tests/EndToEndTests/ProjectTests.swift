import Foundation
import Testing

extension EndToEnd {
    /// Names and commands that come from the project's own files.
    @Suite struct ProjectTests {}
}

extension EndToEnd.ProjectTests {
    private var server: String { "node \(Apps.path("node-http.js"))" }

    private func package(_ name: String, dev: String? = nil, more: String = "") -> String {
        let scripts = dev.map { ", \"scripts\": {\"dev\": \"\($0)\"}" } ?? ""
        return "{\"name\": \"\(name)\"\(scripts)\(more)}"
    }

    @Test func `nothing but portless runs the dev script under the package's name`() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write(package("@acme/Shop_Front", dev: server), to: "package.json")
            let app = try sandbox.startPortless()
            let echo = try Echo(try await sandbox.answer(sandbox.url("shop-front")))
            #expect(echo.environment["npm_lifecycle_event"] == "dev")
            #expect(app.talk.contains("Name \"shop-front\" (from package.json)"))
        }
    }

    @Test func `arguments behind two hyphens go to the script`() async throws {
        try await Sandbox.with { sandbox in
            let more = ", \"portless\": {\"script\": \"start\"}"
            try sandbox.write(
                """
                {"name": "shop", "scripts": {"start": "\(server)", "other": "\(server) other"}\(more)}
                """,
                to: "package.json",
            )
            _ = try sandbox.startPortless("--", "--flag", "value")
            let echo = try Echo(try await sandbox.answer(sandbox.url("shop")))
            #expect(echo.arguments == ["--flag", "value"])
            _ = try sandbox.startPortless("--script", "other", "run", "--name", "other")
            let other = try Echo(try await sandbox.answer(sandbox.url("other")))
            #expect(other.arguments == ["other"])
        }
    }

    @Test func `without a script, what was looked for`() async throws {
        try await Sandbox.with { sandbox in
            let result = try await sandbox.portless()
            #expect(result.status == 1)
            #expect(result.output.isEmpty)
            #expect(result.talk.contains("says what to run.\nAdd a \"dev\" or \"start\" script"))
            let run = try await sandbox.portless("run")
            #expect(run.status == 1)
            #expect(run.talk.contains("No command provided"))
        }
    }

    @Test func `with PORTLESS=0 commands run as if portless weren't there`() async throws {
        try await Sandbox.with(["PORTLESS": "0"]) { sandbox in
            let show = "echo ${PORT-none} ${PORTLESS_URL-none}; exit 7"
            for name in [["app"], ["run", "--name", "x", "--force"], ["--name", "list"]] {
                let run = try sandbox.start([Binary.path] + name + ["sh", "-c", show])
                let result = try await run.finished()
                #expect(result.output == "none none\n")
                #expect(result.status == 7)
                #expect(result.talk == "")
            }
            let nothing = try await sandbox.portless()
            #expect(nothing.status == 1)
            #expect(nothing.talk.contains("No command provided"))
            // Not even a broken configuration is looked at, and nothing was started or kept.
            try sandbox.write("{", to: "portless.json")
            #expect(try await sandbox.portless("run", "true").status == 0)
            #expect(!FileManager.default.fileExists(atPath: sandbox.state.path()))
        }
    }

    @Test func `a repository that keeps its branches elsewhere is asked through git`() async throws
    {
        try await Sandbox.with { sandbox in
            let metadata = sandbox.root.appending(path: "repository/.git/worktrees/linked")
            let tools = sandbox.root.appending(path: "tools")
            for folder in [metadata, tools] {
                try FileManager.default.createDirectory(
                    at: folder,
                    withIntermediateDirectories: true,
                )
            }
            try sandbox.write("gitdir: \(metadata.path())\n", to: ".git")
            // What a reftable repository has there.
            try Data("ref: refs/heads/.invalid\n".utf8)
                .write(to: metadata.appending(path: "HEAD"))
            let git = tools.appending(path: "git")
            try Data("#!/bin/sh\n[ \"$3\" = rev-parse ] && echo feature/cart\n".utf8).write(to: git)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755],
                ofItemAtPath: git.path(),
            )
            let path = tools.path() + ":" + (sandbox.environment["PATH"] ?? "")
            let get = try await sandbox.portless("get", "shop", environment: ["PATH": path])
            #expect(get.output.contains("//cart.shop.localhost"))
        }
    }

    @Test func `portless-json names the app and its port`() async throws {
        try await Sandbox.with { sandbox in
            let port = try FreePort.next()
            try sandbox.write(
                "{\"name\": \"configured\", \"appPort\": \(port), \"colour\": 1}",
                to: "portless.json",
            )
            let app = try sandbox.startPortless("run", "node", Apps.path("node-http.js"))
            let echo = try Echo(try await sandbox.answer(sandbox.url("configured")))
            #expect(echo.environment["PORT"] == String(port))
            #expect(app.talk.contains("Unknown key \"colour\""))
            #expect(app.talk.contains("(from portless.json)"))
        }
    }

    @Test(arguments: [
        ("{\"name\": 5}", "\"name\" in"),
        ("{\"appPort\": 0}", "\"appPort\" in"),
        ("{\"apps\": {\"web\": {\"proxy\": \"no\"}}}", "\"apps.web.proxy\" in"),
        ("{\"name\": ", "no valid JSON"),
        ("[]", "must be an object"),
    ])
    func `a wrong configuration is named`(text: String, phrase: String) async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write(text, to: "portless.json")
            let result = try await sandbox.portless("run", "true")
            #expect(result.status == 1)
            #expect(result.talk.hasPrefix("Error: "))
            #expect(result.talk.contains(phrase), "\(result.talk)")
            #expect(result.talk.contains("portless.json"))
        }
    }

    @Test func `a linked worktree gets its branch in front, the main one nothing`() async throws {
        try await Sandbox.with { sandbox in
            func git(_ arguments: String...) async throws {
                let identity = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
                let result = try await sandbox.start(["git"] + identity + arguments).finished()
                try #require(result.status == 0, "\(result.talk)")
            }
            try sandbox.write(package("shop"), to: "package.json")
            try await git("init", "-q", "-b", "main")
            try await git("add", ".")
            try await git("commit", "-q", "-m", "x")
            try await git("worktree", "add", "-q", "-b", "feature/Fix_Cart", "../linked")
            let linked = sandbox.root.appending(path: "linked")
            let main = try await sandbox.portless("get", "shop")
            #expect(main.output.contains("//shop.localhost"))
            let get = try await sandbox.portless("get", "shop", directory: linked)
            #expect(get.output.contains("//fix-cart.shop.localhost"))
            let plain = try await sandbox.portless(
                "get",
                "shop",
                "--no-worktree",
                directory: linked,
            )
            #expect(plain.output == main.output)
            let app = try sandbox.startPortless(
                "run",
                "node",
                Apps.path("node-http.js"),
                directory: linked,
            )
            try await sandbox.answer(sandbox.url("fix-cart.shop"))
            #expect(app.talk.contains("Prefix \"fix-cart\" (from git branch)"))
        }
    }

    @Test func `a workspace's apps run together and know each other`() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write(
                package("root", more: ", \"workspaces\": [\"apps/*\", \"libs/*\"]"),
                to: "package.json",
            )
            try sandbox.write(package("@acme/web", dev: server), to: "apps/web/package.json")
            try sandbox.write(package("@acme/api", dev: server), to: "apps/api/package.json")
            try sandbox.write(
                package("@acme/ui", dev: "tsc() { sleep 1000; }; tsc -w"),
                to: "libs/ui/package.json",
            )
            try sandbox.write(package("@acme/none"), to: "libs/none/package.json")
            let run = try sandbox.startPortless()
            let web = try Echo(try await sandbox.answer(sandbox.url("web.acme")))
            let api = try Echo(try await sandbox.answer(sandbox.url("api.acme")))
            #expect(web.environment["PORTLESS_URL_API"] == sandbox.url("api.acme"))
            #expect(api.environment["PORTLESS_URL_WEB"] == sandbox.url("web.acme"))
            #expect(web.environment["PORT"] != api.environment["PORT"])
            #expect(run.talk.contains("@acme/web  ->  \(sandbox.url("web.acme"))"))
            run.send(SIGINT)
            #expect(try await run.finished().status == 0)
            #expect(sandbox.stateFile("routes.json") == "[]")
            #expect(run.output.contains("[@acme/web] "))
        }
    }

    @Test func `in a run of Turborepo each package has its own port, and its name follows it`()
        async throws
    {
        try await Sandbox.with { sandbox in
            try sandbox.write("{}", to: "turbo.json")
            try sandbox.write(
                package("root", dev: "node turbo.js", more: ", \"workspaces\": [\"apps/*\"]"),
                to: "package.json",
            )
            // As turbo does it: one environment for all.
            try sandbox.write(
                """
                const { spawn } = require("node:child_process");
                for (const name of ["web", "api"]) {
                  spawn("npm", ["run", "dev"], { cwd: `apps/${name}`, stdio: "inherit" });
                }
                """,
                to: "turbo.js",
            )
            try sandbox.write(package("@acme/web", dev: server), to: "apps/web/package.json")
            try sandbox.write(
                package("@acme/api", dev: "PORT=0 \(server)"),
                to: "apps/api/package.json",
            )
            let run = try sandbox.startPortless()
            let web = try Echo(try await sandbox.answer(sandbox.url("web.acme")))
            #expect(web.environment["PORTLESS_URL"] == sandbox.url("web.acme"))
            #expect(web.environment["PORTLESS_URL_API"] == sandbox.url("api.acme"))
            // It listens anywhere but on its PORT.
            let api = try Echo(try await sandbox.answer(sandbox.url("api.acme")))
            #expect(api.environment["PORTLESS_URL"] == sandbox.url("api.acme"))
            #expect(run.talk.contains("@acme/api listens on port"))
            run.send(SIGTERM)
            _ = try await run.finished()
            #expect(sandbox.stateFile("routes.json") == "[]")
        }
    }

    @Test func `one app that fails takes no other along, and the end tells`() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write("packages:\n  - 'apps/*'\n", to: "pnpm-workspace.yaml")
            try sandbox.write(
                package("root", more: ", \"packageManager\": \"npm@10\""),
                to: "package.json",
            )
            try sandbox.write(package("@acme/web", dev: server), to: "apps/web/package.json")
            try sandbox.write(
                package("@acme/broken", dev: "echo first && echo failed >&2 && exit 3"),
                to: "apps/broken/package.json",
            )
            let run = try sandbox.startPortless()
            try await sandbox.answer(sandbox.url("web.acme"))
            try await run.waitForTalk("[@acme/broken] exited with code 3")
            try await sandbox.answer(sandbox.url("web.acme"))
            #expect(run.output.contains("[@acme/broken] first\n"))
            #expect(run.talk.contains("[@acme/broken] failed\n"))
            #expect(!run.output.contains("[@acme/broken] failed\n"))
            run.send(SIGTERM)
            #expect(try await run.finished().status == 1)
            #expect(run.talk.contains("1 app exited with errors: @acme/broken (3)"))
        }
    }

    @Test func `a conflict starts nothing`() async throws {
        try await Sandbox.with { sandbox in
            _ = try sandbox.startPortless("web.acme", "node", Apps.path("node-http.js"), "first")
            try await sandbox.answer(sandbox.url("web.acme"))
            try sandbox.write(
                package("root", more: ", \"workspaces\": {\"packages\": [\"apps/*\"]}"),
                to: "package.json",
            )
            for name in ["api", "web"] {
                try sandbox.write(
                    package("@acme/\(name)", dev: "touch ../../started"),
                    to: "apps/\(name)/package.json",
                )
            }
            let run = try await sandbox.portless()
            #expect(run.status == 1)
            #expect(run.talk.contains("already registered"))
            let started = sandbox.project.appending(path: "started").path()
            #expect(!FileManager.default.fileExists(atPath: started))
            #expect(!sandbox.stateFile("routes.json").contains("api.acme"))
        }
    }

    @Test func `a Procfile's programs run together`() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write("{\"name\": \"shop\"}", to: "portless.json")
            try sandbox.write(
                """
                # comment
                web: exec \(server) web
                admin: exec python3 -m http.server $PORT
                ui: python3 -m http.server 0
                worker: echo working on $(printenv PORT); sleep 1000
                """,
                to: "Procfile",
            )
            let run = try sandbox.startPortless()
            let web = try Echo(try await sandbox.answer(sandbox.url("shop")))
            #expect(web.environment["PORTLESS_URL_ADMIN"] == sandbox.url("admin.shop"))
            try await sandbox.answer(sandbox.url("admin.shop"))
            // It has no flag that tells it the port, and is followed to the one that it takes.
            try await sandbox.answer(sandbox.url("ui.shop"))
            #expect(run.output.contains(/\[worker\] working on 4\d\d\d\n/))
            #expect(!sandbox.stateFile("routes.json").contains("worker"))
            run.send(SIGKILL)
            try await eventually("all of it ends") {
                ProcessTable.all.contains {
                    $0.environment.contains(sandbox.state.path())
                        && ![sandbox.proxyID, sandbox.proxyDaemonID].contains($0.id)
                } ? nil : ()
            }
        }
    }
}
