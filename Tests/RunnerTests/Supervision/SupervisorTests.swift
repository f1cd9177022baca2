import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Runner

@Suite(.timeLimit(.minutes(1)))
struct SupervisorTests {
    @Test func `an app is brought up, told of, and taken down with all that it started`()
        async throws
    {
        try await SupervisionFixture.with { fixture in
            let plan = fixture.plan(
                fixture.shell("web", "echo hello; echo trouble >&2; sleep 600 & sleep 600"),
                fixture.shell("worker", "exec sleep 600"),
            )
            let outcomes = try await fixture.supervisor.up(plan)
            #expect(outcomes.map(\.process) == ["web", "worker"])
            #expect(outcomes.allSatisfy { $0.error == nil })
            let web = try await fixture.eventually("web", is: .online)
            let pid = try #require(web.pid)
            try await fixture.eventually { try await fixture.output("web").count == 2 }
            #expect(Set(try await fixture.output("web")) == ["hello", "trouble"])
            let tree = ProcessTree.current().descendants(of: pid)
            #expect(tree.count >= 1)
            let ended = try await fixture.supervisor.stop(fixture.app)
            #expect(ended.map(\.state) == [.stopped, .stopped])
            for process in tree { #expect(!process.isAlive) }
            #expect(try await fixture.process("web").lastExit?.wasRequested == true)
        }
    }

    @Test func `an app that runs from another folder is left alone`() async throws {
        try await SupervisionFixture.with { fixture in
            let first = fixture.plan(fixture.shell("web", "exec sleep 600"))
            var second = first
            second.directory = fixture.project.appending("other")
            let refusal = SupervisorError.ofAnotherFolder(fixture.app, fixture.project)
            async let rising = fixture.supervisor.up(first)
            _ = try await rising
            let web = try await fixture.eventually("web", is: .online)
            await #expect(throws: refusal) { try await fixture.supervisor.up(second) }
            #expect(try await fixture.process("web").pid == web.pid)
            _ = try await fixture.supervisor.stop(fixture.app)
            _ = try await fixture.supervisor.up(second)
            #expect(try await fixture.supervisor.app(fixture.app).directory == second.directory)
        }
    }

    @Test func `of two folders that bring up one app at once, one does`() async throws {
        try await SupervisionFixture.with { fixture in
            let plan = fixture.plan(fixture.shell("web", "exec sleep 600"))
            let supervisor = fixture.supervisor
            let refused = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        var own = plan
                        own.directory = plan.directory.appending("w\(number)")
                        do {
                            _ = try await supervisor.up(own)
                            return false
                        } catch {
                            return true
                        }
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(refused == 7)
        }
    }

    @Test func `what runs as planned is left alone, what changed is restarted`()
        async throws
    {
        try await SupervisionFixture.with { fixture in
            var same = fixture.shell("same", "exec sleep 600")
            let first = fixture.plan(
                same,
                fixture.shell("other", "exec sleep 601"),
                fixture.shell("gone", "exec sleep 602"),
            )
            _ = try await fixture.supervisor.up(first)
            let before = try await fixture.supervisor.app(fixture.app)
            // Another terminal says other things, and that is no reason to restart.
            same.inherited = ["TERM_SESSION_ID": "7"]
            let second = fixture.plan(
                same,
                fixture.shell("other", "exec sleep 603"),
                fixture.shell("new", "exec sleep 604"),
            )
            _ = try await fixture.supervisor.up(second)
            try await fixture.eventually {
                try await fixture.supervisor.app(fixture.app).processes.count == 3
            }
            let after = try await fixture.supervisor.app(fixture.app)
            #expect(after.processes.map(\.name) == ["same", "other", "new"])
            #expect(after.process("same")?.identity == before.process("same")?.identity)
            #expect(after.process("other")?.identity != before.process("other")?.identity)
            #expect(before.process("gone")?.identity?.isAlive == false)
        }
    }

    @Test func `a request to stop ends when another one starts the app again`() async throws {
        try await SupervisionFixture.with { fixture in
            // Long enough to be seen while it stops, on a busy machine, too.
            let script = "trap 'sleep 4; exit' TERM; echo ready; while :; do sleep 0.05; done"
            let web = fixture.shell("web", script) { $0.killTimeout = .seconds(30) }
            _ = try await fixture.supervisor.up(fixture.plan(web))
            try await fixture.eventually { try await fixture.output("web") == ["ready"] }
            async let stopped = fixture.supervisor.stop(fixture.app)
            try await fixture.eventually("web", is: .stopping)
            _ = try await fixture.supervisor.restart(fixture.app)
            let outcome = try #require(try await stopped.first)
            #expect(outcome.state == .starting)
            #expect(outcome.error == "It was started again by another command.")
            try await fixture.eventually("web", is: .online)
            _ = try await fixture.supervisor.stop(fixture.app)
        }
    }

    @Test func `the keeper ends once nothing is left to keep, and comes back when asked`()
        async throws
    {
        try await SupervisionFixture.with { fixture in
            _ = try await fixture.supervisor.up(
                fixture.plan(fixture.shell("web", "exec sleep 600"))
            )
            let keeper = try fixture.keeper()
            _ = try await fixture.supervisor.stop(fixture.app)
            waitUntil { !keeper.isAlive }
            #expect(try fixture.folder.readKeeper() == nil)
            let outcomes = try await fixture.supervisor.start(fixture.app)
            #expect(outcomes.map(\.state) == [.online])
        }
    }

    @Test func `a program that isn't there is named, and the others run`() async throws {
        try await SupervisionFixture.with { fixture in
            let outcomes = try await fixture.supervisor.up(
                fixture.plan(
                    fixture.process("web", ["no-such-program-here"]),
                    fixture.shell("worker", "exec sleep 600"),
                )
            )
            #expect(outcomes[0].state == .errored)
            #expect(outcomes[0].error?.contains("no-such-program-here") == true)
            #expect(outcomes[1].state == .online)
        }
    }

    @Test func `unknown apps and processes are errors that say what there is`() async throws {
        try await SupervisionFixture.with { fixture in
            await #expect(throws: SupervisorError.unknownApp(fixture.app)) {
                try await fixture.supervisor.start(fixture.app)
            }
            _ = try await fixture.supervisor.up(
                fixture.plan(fixture.shell("web", "exec sleep 600"))
            )
            await #expect(
                throws: SupervisorError.unknownProcess(fixture.app, "wbe", known: ["web"])
            ) {
                try await fixture.supervisor.stop(fixture.app, "wbe")
            }
        }
    }

    @Test func `processes whose names differ little have logs and crash logs of their own`()
        async throws
    {
        try await SupervisionFixture.with { fixture in
            let names = ["web", "Web", "web.crash"]
            let processes = names.map { name in
                fixture.shell(name, "echo I am \(name); exit 3") { $0.restart.isAutomatic = false }
            }
            let plan = SupervisionPlan(
                app: fixture.app,
                directory: fixture.project,
                processes: processes,
            )
            _ = try await fixture.supervisor.up(plan)
            for name in names {
                try await fixture.eventually(name, is: .errored)
                #expect(try await fixture.output(name) == ["I am \(name)"])
                let crash = try AtomicFile.read(fixture.folder.crash(of: name))
                #expect(String(decoding: crash, as: UTF8.self).contains("I am \(name)\n"))
            }
        }
    }
}
