import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Runner

@Suite(.timeLimit(.minutes(1)))
struct RestartTests {
    @Test func `a crash loop is given up after its last try, and keeps its last lines`()
        async throws
    {
        try await SupervisionFixture.with { fixture in
            let crasher = fixture.shell("web", "seq 1 150; exit 3") { $0.restart.limit = 4 }
            _ = try await fixture.supervisor.up(fixture.plan(crasher))
            let web = try await fixture.eventually("web", is: .errored)
            #expect(web.restarts == 3)
            #expect(web.lastExit?.cause == .code(3))
            #expect(web.reason == "It exited with code 3, 4 times in a row soon after its start.")
            let ends = try await fixture.notes("web").filter { $0.hasPrefix("exited with code 3") }
            #expect(ends.count == 4)
            #expect(try await fixture.output("web").count == 600)
            let crash = try AtomicFile.read(fixture.folder.crash(of: "web"))
            let lines = String(decoding: crash, as: UTF8.self).split(separator: "\n")
            #expect(lines.count == 100)
            #expect(lines.last?.contains("exited with code 3") == true)
            #expect(lines.contains { $0.hasSuffix(" out 150") })
        }
    }

    @Test func `restarts count from the last time that the app was brought up`() async throws {
        try await SupervisionFixture.with { fixture in
            let plan = fixture.plan(fixture.shell("web", "exec sleep 600"))
            _ = try await fixture.supervisor.up(plan)
            _ = try await fixture.supervisor.restart(fixture.app)
            #expect(try await fixture.eventually("web", is: .online).restarts == 1)
            _ = try await fixture.supervisor.up(plan)
            try await fixture.eventually("web") { $0.restarts == 0 }
            _ = try await fixture.supervisor.restart(fixture.app)
            _ = try await fixture.supervisor.stop(fixture.app)
            _ = try await fixture.supervisor.up(plan)
            try await fixture.eventually("web") { $0.state == .online && $0.restarts == 0 }
        }
    }

    @Test func `a restart of what waits for another one is answered at once`() async throws {
        try await SupervisionFixture.with { fixture in
            let db = fixture.shell("db", "exec sleep 600") {
                $0.ports = [.init(label: "db", port: 4999)]
                $0.primaryPort = 4999
            }
            let web = fixture.shell("web", "exec sleep 600") { $0.dependencies = ["db"] }
            _ = try await fixture.supervisor.up(fixture.plan(db, web))
            let waiting = try await fixture.eventually("web") { $0.waitsFor == "db" }
            #expect(waiting.reason == nil)
            let outcomes = try await fixture.supervisor.restart(fixture.app, "web")
            #expect(outcomes == [ProcessOutcome(process: "web", state: .starting)])
            #expect(try await fixture.process("web").waitsFor == "db")
        }
    }

    @Test func `a keeper that can't start says why`() async throws {
        try await SupervisionFixture.with { fixture in
            let plan = fixture.plan(fixture.shell("web", "exec sleep 600"))
            try fixture.folder.create()
            // Its socket can't be there.
            let socket = fixture.folder.path.appending(KeeperFolder.socketName)
            _ = try FileSystem.makeDirectory(socket, mode: .ownerReadWriteExecute)
            try socket.write("file", "")
            do {
                _ = try await fixture.supervisor.up(plan)
                Issue.record("it has started")
            } catch let error as SupervisorError {
                #expect("\(error)".contains("keeper.sock"), "\(error)")
                #expect(!"\(error)".contains("may say why"), "\(error)")
            }
            try FileSystem.removeFile(socket.appending("file"))
            try FileSystem.removeDirectory(socket)
        }
    }

    @Test func `pauses grow, and the loop shows as one`() async throws {
        try await SupervisionFixture.with { fixture in
            let crasher = fixture.shell("web", "exit 1") {
                $0.restart.limit = 100
                $0.restart.backoff = .milliseconds(50)
            }
            _ = try await fixture.supervisor.up(fixture.plan(crasher))
            try await fixture.eventually("web", is: .crashLooping)
            let notes = try await fixture.notes("web").filter { $0.hasPrefix("started again in") }
            #expect(notes.prefix(2) == ["started again in 50 ms", "started again in 75 ms"])
            let outcomes = try await fixture.supervisor.stop(fixture.app)
            #expect(outcomes.map(\.state) == [.stopped])
        }
    }

    @Test func `without autorestart an end is the end`() async throws {
        try await SupervisionFixture.with { fixture in
            let once = fixture.shell("good", "exit 0") { $0.restart.isAutomatic = false }
            let bad = fixture.shell("bad", "kill -KILL $$") { $0.restart.isAutomatic = false }
            _ = try await fixture.supervisor.up(fixture.plan(once, bad))
            try await fixture.eventually("good", is: .stopped)
            let ended = try await fixture.eventually("bad", is: .errored)
            #expect(ended.lastExit?.cause == .signal(9))
        }
    }

    @Test func `an end is told and written down, however long ago the last request was`()
        async throws
    {
        try await SupervisionFixture.with { fixture in
            // Longer than a keeper stays when it has nothing to keep.
            let late = fixture.shell("web", "sleep 6; exit 3") { $0.restart.isAutomatic = false }
            _ = try await fixture.supervisor.up(fixture.plan(late))
            try await fixture.eventually("web", is: .errored)
            let written = try #require(try fixture.folder.readStatus()?.processes.first)
            #expect(written.state == .errored)
            #expect(written.lastExit?.cause == .code(3))
        }
    }

    @Test func `a process waits until those it depends on are there`() async throws {
        try await SupervisionFixture.with { fixture in
            let file = fixture.project.appending("made")
            let once = fixture.shell("migrate", "sleep 0.1; touch \(file)") {
                $0.restart.isAutomatic = false
            }
            let web = fixture.shell("web", "test -e \(file) && exec sleep 600") {
                $0.dependencies = ["migrate"]
            }
            _ = try await fixture.supervisor.up(fixture.plan(web, once))
            try await fixture.eventually("web", is: .online)
            #expect(try await fixture.process("web").restarts == 0)
        }
    }

    @Test func `what depends on something that failed isn't started`() async throws {
        try await SupervisionFixture.with { fixture in
            let broken = fixture.shell("db", "exit 1") { $0.restart.isAutomatic = false }
            let web = fixture.shell("web", "exec sleep 600") { $0.dependencies = ["db"] }
            _ = try await fixture.supervisor.up(fixture.plan(broken, web))
            let waited = try await fixture.eventually("web", is: .errored)
            #expect(waited.reason == "It waits for db, which has failed.")
        }
    }

    @Test func `more memory than allowed means a new start`() async throws {
        try await SupervisionFixture.with { fixture in
            let eater = fixture.process(
                "web",
                ["python3", "-c", "import time; x = bytearray(64 << 20); time.sleep(600)"],
            ) { $0.memoryLimit = 32 << 20 }
            _ = try await fixture.supervisor.up(fixture.plan(eater))
            try await fixture.eventually("web") { $0.restarts >= 1 }
            #expect(try await fixture.notes("web").contains { $0.contains("max_memory_restart") })
        }
    }
}
