import Foundation
import Testing

extension EndToEnd {
    /// One project in several git worktrees, each an app of its own.
    @Suite struct WorktreeTests {}
}

extension EndToEnd.WorktreeTests {
    /// Answers with its folder, its database, and what its sibling answers.
    private static let server = """
        const http = require('http')
        const { API_URL, DATABASE_URL, PORTLESS_URL_API, PORT } = process.env
        http.createServer((request, answer) => {
          const own = `${process.cwd()} ${DATABASE_URL}`
          if (process.argv[2] === 'api') return answer.end(own)
          http.get(API_URL, (api) => {
            let text = ''
            api.on('data', (part) => text += part)
            api.on('end', () => answer.end(`${own} | ${text} | ${PORTLESS_URL_API}`))
          })
        }).listen(PORT, '127.0.0.1')
        """

    private func git(_ sandbox: Sandbox, _ arguments: String...) async throws {
        let git = ["git", "-c", "user.name=t", "-c", "user.email=t@t"]
        let result = try await sandbox.start(git + arguments).finished()
        try #require(result.status == 0, "\(result.talk)")
    }

    /// The project in a repository with these branches, each in a folder beside it.
    private func prepare(
        _ sandbox: Sandbox,
        _ branches: [String: String],
    ) async throws -> [String: URL] {
        try sandbox.write(Self.server, to: "server.js")
        // The number is the main checkout's: a worktree gets one of its own.
        try sandbox.write(
            """
            {"name": "shop", "env": {"DATABASE_URL": "shop_{branch}"},
             "processes": {
               "web": {"command": "node server.js web",
                       "env": {"API_URL": "http://127.0.0.1:{port.api}"}},
               "api": {"command": "node server.js api", "env": {"PORT": \(try FreePort.next())}}}}
            """,
            to: "portless.json",
        )
        try await git(sandbox, "init", "-q", "-b", "main")
        try await git(sandbox, "add", ".")
        try await git(sandbox, "commit", "-qm", "x")
        var folders: [String: URL] = [:]
        for (folder, branch) in branches {
            try await git(sandbox, "worktree", "add", "-q", "-b", branch, "../\(folder)")
            folders[folder] = sandbox.root.appending(path: folder)
        }
        return folders
    }

    private func answer(_ sandbox: Sandbox, _ name: String) async throws -> String {
        let response = try await sandbox.curl(sandbox.url(name))
        return response.status == 200 ? response.body : "\(response.status)"
    }

    @Test func `eight worktrees that start at once each reach only their own`() async throws {
        try await Sandbox.with { sandbox in
            _ = try sandbox.leaseFromOwnRange(20)
            let numbers = Array(1...8)
            let branches = Dictionary(
                uniqueKeysWithValues: numbers.map { ("w\($0)", "agent/task-\($0)") }
            )
            let folders = try await prepare(sandbox, branches)
            let callers = try folders.values.map {
                try sandbox.startPortless("up", directory: $0)
            }
            for caller in callers {
                let result = try await caller.finished()
                #expect(result.status == 0, "\(result.talk)")
            }
            for number in numbers {
                let folder = try #require(folders["w\(number)"]).path()
                let own =
                    "\(folder.hasSuffix("/") ? String(folder.dropLast()) : folder) "
                    + "shop_agent-task-\(number)"
                let url = sandbox.url("api.task-\(number).shop")
                #expect(
                    try await answer(sandbox, "task-\(number).shop") == "\(own) | \(own) | \(url)"
                )
            }
            #expect(try await answer(sandbox, "shop") == "404")
            let list = try await sandbox.portless("worktrees")
            #expect(list.output.ranges(of: "running").count == 8)
            #expect(list.output.ranges(of: "stopped").count == 1)
        }
    }

    @Test func `the folder decides which of two apps of one name is meant`() async throws {
        try await Sandbox.with { sandbox in
            _ = try sandbox.leaseFromOwnRange()
            let folders = try await prepare(sandbox, ["one": "a/same", "two": "b/same"])
            let (one, two) = (try #require(folders["one"]), try #require(folders["two"]))
            let up = try await sandbox.portless("up", directory: one)
            #expect(up.status == 0, "\(up.talk)")
            let served = try await answer(sandbox, "same.shop")
            #expect(served.contains("/one shop_a-same"))
            for command in [["up"], ["down"], ["restart"], ["logs", "-n", "1"], ["down", "shop"]] {
                let result = try await sandbox.start([Binary.path] + command, directory: two)
                    .finished()
                #expect(result.status == 1, "\(command)")
                #expect(result.talk.contains("/one"), "\(command): \(result.talk)")
            }
            #expect(try await answer(sandbox, "same.shop") == served)
            let run = try await sandbox.portless("run", "true", directory: two)
            #expect(run.status == 1)
            #expect(run.talk.contains("/one"), "\(run.talk)")
            #expect(try await sandbox.portless("down", directory: one).status == 0)
            #expect(try await sandbox.portless("up", directory: two).status == 0)
            #expect(try await answer(sandbox, "same.shop").contains("/two shop_b-same"))
        }
    }

    @Test func `a sibling that doesn't run here is the main checkout's, and ports are given back`()
        async throws
    {
        try await Sandbox.with { sandbox in
            let first = try sandbox.leaseFromOwnRange()
            let folders = try await prepare(sandbox, ["fix": "fix"])
            let fix = try #require(folders["fix"])
            #expect(try await sandbox.portless("up").status == 0)
            let some = try await sandbox.portless("up", "web", directory: fix)
            #expect(some.status == 0, "\(some.talk)")
            #expect(some.talk.contains("api doesn't run in this worktree"), "\(some.talk)")
            let env = try await sandbox.portless("env", "--format", "shell", directory: fix)
            #expect(env.output.contains("export DATABASE_URL='shop_fix'\n"))
            let list = try await sandbox.portless("worktrees", "--json", directory: fix).output
            let rows = try #require(
                try JSONSerialization.jsonObject(with: Data(list.utf8)) as? [[String: Any]]
            )
            #expect(rows.map { $0["app"] as? String } == ["shop", "fix.shop"])
            #expect(rows.map { $0["isCurrent"] as? Bool } == [false, true])
            let processes = rows.map { ($0["processes"] as? [[String: Any]])?.count }
            #expect(processes == [2, 1])
            // Each by the name of its folder's app.
            #expect(try await sandbox.portless("down", "shop", directory: fix).status == 0)
            #expect(try await answer(sandbox, "fix.shop") == "404")
            #expect(try await answer(sandbox, "shop").contains("/project shop_main"))
            try FileManager.default.removeItem(at: fix)
            let prune = try await sandbox.portless("prune")
            #expect(prune.output.contains("of fix.shop: "), "\(prune.output)")
            #expect(!sandbox.stateFile("ports.json").contains("fix.shop"))
            #expect(sandbox.stateFile("ports.json").contains("\(first)"))
        }
    }
}
