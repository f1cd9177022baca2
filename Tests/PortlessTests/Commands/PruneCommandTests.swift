import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import portless

@Suite struct PruneCommandTests {
    /// A route whose run is gone, beside an alias.
    private func stale(_ world: CommandWorld) throws {
        let state = try world.context.preparedStateDirectory()
        // Above the largest PID of any system.
        try state.path.write(
            "routes.json",
            """
            [{"hostname": "web.localhost", "port": 4001, "pid": 99999999},
             {"hostname": "db.localhost", "port": 5432, "pid": 0}]
            """,
        )
    }

    @Test func `the ports of a worktree whose folder is gone are given back`() async throws {
        try await CommandWorld.with { world in
            world.context.isFree = { _ in true }
            let folder = world.context.workingDirectory
            try world.root.write("main/.git/worktrees/fix/HEAD", "ref: refs/heads/fix\n")
            try folder.write(".git", "gitdir: ../main/.git/worktrees/fix\n")
            #expect(await world.run("ports lease shop api").code == 0)
            #expect(await world.run("prune").output == "No orphaned routes found.\n")
            for file in ["project/.git", "project/.keep"] {
                try FileSystem.removeFile(world.root.appending(file))
            }
            try FileSystem.removeDirectory(folder)
            world.context.workingDirectory = world.root
            let result = await world.run("prune")
            #expect(result.output.contains("of fix.shop: \(folder) is gone."), "\(result.output)")
            #expect(try LeaseStore(directory: world.state).list().isEmpty)
        }
    }

    @Test(arguments: [("prune", Signal.terminate), ("prune --force", .kill)])
    func `what a dead run has left is ended with its route`(
        line: String,
        signal: Signal,
    ) async throws {
        try await CommandWorld.with { world in
            try stale(world)
            let sent = Collected<String>()
            world.context.processes.orphans = { entry in
                #expect(entry.hostname == "web.localhost")
                return [ProcessIdentity(pid: 4711, startTime: 1)]
            }
            world.context.processes.send = { process, signal in
                sent.add("\(process.pid) \(signal)")
                return true
            }
            let result = await world.run(line)
            #expect(result.code == 0)
            #expect(result.output.contains("web.localhost: killed PID 4711"))
            #expect(
                result.output.contains("Pruned 1 stale route(s), killed 1 orphaned process(es).")
            )
            #expect(sent.all == ["4711 \(signal)"])
            #expect(try world.context.routes().list().map(\.hostname) == ["db.localhost"])
        }
    }

    @Test func `the group of a dead run's command is ended, if its leader is that very process`()
        async throws
    {
        try await CommandWorld.with { world in
            var spawn = Spawn(
                executable: "/bin/sh",
                arguments: ["-c", "sleep 600 & wait"],
                environment: ["PATH": "/usr/bin:/bin"],
            )
            spawn.group = .own
            let child = try spawn.start()
            defer {
                ProcessGroup(of: child).send(.kill)
                try? child.reap()
            }
            let sent = Collected<String>()
            world.context.processes.orphans = { _ in [] }
            world.context.holder = { _ in nil }
            world.context.processes.sendToGroup = { leader, signal in
                sent.add("\(leader.pid) \(signal)")
                return true
            }
            let state = try world.context.preparedStateDirectory()
            for text in ["1", try #require(child.identity.startText)] {
                try state.path.write(
                    "routes.json",
                    """
                    [{"hostname": "web.localhost", "port": 4001, "pid": 99999999,
                      "childPgid": \(child.pid), "childStartTime": "\(text)"}]
                    """,
                )
                let result = await world.run("prune")
                #expect(result.code == 0)
                #expect(result.output.contains("and its group") == (text != "1"))
            }
            #expect(sent.all == ["\(child.pid) \(Signal.terminate)"])
        }
    }

    @Test func `another program that has the port by now is named and left alone`() async throws {
        try await CommandWorld.with { world in
            try stale(world)
            world.context.processes.orphans = { _ in [] }
            world.context.holder = { _ in "redis (9)" }
            let result = await world.run("prune")
            #expect(result.output.contains("web.localhost: port 4001 now belongs to redis (9)"))
            #expect(await world.run("prune").output == "No orphaned routes found.\n")
        }
    }
}
