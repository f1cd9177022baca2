import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Runner

/// Servers and keepers that are killed without a word.
@Suite(.timeLimit(.minutes(2)))
struct KillTests {
    @Test func `a killed keeper costs neither the process nor a line`() async throws {
        try await SupervisionFixture.with { fixture in
            // Writes all the time, so that a broken pipe would end it, and counts, so that a gap
            // shows.
            let counter = fixture.process(
                "web",
                [
                    "python3", "-u", "-c",
                    """
                    import os, time
                    number = 0
                    while not os.path.exists("enough"):
                        print(number)
                        number += 1
                        time.sleep(0.002)
                    print("after", number)
                    """,
                ],
            ) { $0.restart.isAutomatic = false }
            let running = Task { [supervisor = fixture.supervisor] in await supervisor.run() }
            defer { running.cancel() }
            _ = try await fixture.supervisor.up(fixture.plan(counter))
            let before = try await fixture.eventually("web", is: .online)
            for _ in 0..<4 {
                let keeper = try fixture.keeper()
                let number = try await lastNumber(fixture)
                try await fixture.eventually { try await lastNumber(fixture) > number + 20 }
                keeper.send(.kill)
                try await fixture.eventually {
                    let next = try fixture.folder.readKeeper()
                    return next != nil && next != keeper && next?.isAlive == true
                }
            }
            let after = try await fixture.eventually("web", is: .online)
            #expect(after.identity == before.identity)
            #expect(after.restarts == 0)
            try fixture.project.write("enough", "")
            let ended = try await fixture.eventually("web") { $0.lastExit != nil }
            #expect(ended.lastExit?.cause == .unknown)
            let lines = try await fixture.output("web")
            let numbers = lines.compactMap { Int($0) }
            #expect(numbers == Set(numbers).sorted())
            #expect(lines.last == "after \((numbers.last ?? 0) + 1)")
            // What a killed keeper had read and not written yet is gone: a moment's lines.
            #expect((numbers.last ?? 0) - numbers.count < 4 * 100)
        }
    }

    private func lastNumber(_ fixture: SupervisionFixture) async throws -> Int {
        try await fixture.output("web", last: 20).compactMap { Int($0) }.last ?? -1
    }

    @Test func `what ended while no keeper was there is started again, its code unknown`()
        async throws
    {
        try await SupervisionFixture.with { fixture in
            _ = try await fixture.supervisor.up(
                fixture.plan(fixture.shell("web", "exec sleep 600"))
            )
            let web = try await fixture.eventually("web", is: .online)
            let keeper = try fixture.keeper()
            keeper.send(.kill)
            waitUntil { !keeper.isAlive }
            web.identity?.send(.kill)
            waitUntil { web.identity?.isAlive == false }
            let second = try SupervisionFixture.supervisor(fixture.state)
            await second.findKeepers()
            while true {
                let again = try #require(try await second.app(fixture.app).process("web"))
                guard again.restarts == 1, again.state == .online else {
                    try await Task.sleep(for: .milliseconds(5))
                    continue
                }
                #expect(again.lastExit?.cause == .unknown)
                #expect(again.identity != web.identity)
                break
            }
            await second.disconnect()
        }
    }

    @Test func `what writes while neither keeper nor server is there goes on with the next server`()
        async throws
    {
        try await SupervisionFixture.with { fixture in
            // Far more than a pipe holds.
            let writer = fixture.process(
                "web",
                [
                    "python3", "-u", "-c",
                    """
                    import os, time
                    while not os.path.exists("go"): time.sleep(0.005)
                    for number in range(20000): print("line", number, "x" * 50)
                    open("done", "w").close()
                    time.sleep(600)
                    """,
                ],
            )
            _ = try await fixture.supervisor.up(fixture.plan(writer))
            let web = try await fixture.eventually("web", is: .online)
            await fixture.supervisor.disconnect()
            let keeper = try fixture.keeper()
            keeper.send(.kill)
            waitUntil { !keeper.isAlive }
            try fixture.project.write("go", "")
            let second = try SupervisionFixture.supervisor(fixture.state)
            await second.findKeepers()
            let done = fixture.project.appending("done")
            try await fixture.eventually { try FileStatus.of(done) != nil }
            let after = try #require(try await second.app(fixture.app).process("web"))
            #expect(after.identity == web.identity)
            #expect(after.restarts == 0)
            try await fixture.eventually {
                Array(try await second.logs(fixture.app, "web", last: 1)).last?.text.hasPrefix(
                    "line 19999"
                )
                    == true
            }
            _ = try await second.stop(fixture.app)
            await second.disconnect()
        }
    }

    @Test func `a keeper that couldn't write its record is replaced as well`() async throws {
        try await SupervisionFixture.with { fixture in
            _ = try await fixture.supervisor.up(
                fixture.plan(fixture.shell("web", "exec sleep 600"))
            )
            let web = try await fixture.eventually("web", is: .online)
            let keeper = try fixture.keeper()
            try FileSystem.removeFile(fixture.folder.record)
            keeper.send(.kill)
            waitUntil { !keeper.isAlive }
            let second = try SupervisionFixture.supervisor(fixture.state)
            await second.findKeepers()
            #expect(try fixture.keeper() != keeper)
            #expect(try await second.app(fixture.app).process("web")?.identity == web.identity)
            _ = try await second.stop(fixture.app)
            #expect(web.identity?.isAlive == false)
            await second.disconnect()
        }
    }

    @Test func `what a keeper did at its last moment is found again`() async throws {
        try await SupervisionFixture.with { fixture in
            let pausing = fixture.shell("pausing", "test -e again && exec sleep 600") {
                $0.restart.delay = .seconds(600)
            }
            _ = try await fixture.supervisor.up(
                fixture.plan(fixture.shell("web", "exec sleep 600"), pausing)
            )
            let web = try await fixture.eventually("web", is: .online)
            try await fixture.eventually("pausing") { $0.lastExit != nil }
            let keeper = try fixture.keeper()
            keeper.send(.kill)
            waitUntil { !keeper.isAlive }
            try fixture.project.write("again", "")
            // As if the keeper had been killed before it could tell of the start.
            var status = try #require(try fixture.folder.readStatus())
            status.processes[0] = SupervisedProcess(name: "web", state: .notStarted)
            try fixture.folder.write(status)
            let second = try SupervisionFixture.supervisor(fixture.state)
            await second.findKeepers()
            while true {
                let app = try await second.app(fixture.app)
                if app.processes.allSatisfy({ $0.state == .online }) {
                    #expect(app.process("web")?.identity == web.identity)
                    break
                }
                try await Task.sleep(for: .milliseconds(5))
            }
            _ = try await second.stop(fixture.app)
            #expect(web.identity?.isAlive == false)
            await second.disconnect()
        }
    }

    @Test func `a new server finds everything as it was`() async throws {
        try await SupervisionFixture.with { fixture in
            _ = try await fixture.supervisor.up(
                fixture.plan(
                    fixture.shell("web", "echo here; exec sleep 600"),
                    fixture.shell("done", "exit 7") { $0.restart.isAutomatic = false },
                )
            )
            try await fixture.eventually("done", is: .errored)
            let before = try await fixture.supervisor.app(fixture.app)
            let second = try SupervisionFixture.supervisor(fixture.state)
            await second.findKeepers()
            let after = try await second.app(fixture.app)
            #expect(after.processes.map(\.identity) == before.processes.map(\.identity))
            #expect(after.processes.map(\.state) == before.processes.map(\.state))
            #expect(after.process("done")?.lastExit == before.process("done")?.lastExit)
            #expect(try await second.logs(fixture.app, "web", last: 1).map(\.text) == ["here"])
            await second.disconnect()
        }
    }

    @Test func `followers get every line once, over logs that rotate and supervisors that come`()
        async throws
    {
        try await SupervisionFixture.with { fixture in
            let path = fixture.project.appending("go")
            try NamedPipe.make(path)
            // Held open, so that what is written before the process reads stays in the pipe.
            let go = try NamedPipe.openWriting(path)
            defer { try? go.close() }
            let counter = fixture.process(
                "web",
                [
                    "python3", "-u", "-c",
                    """
                    for number in range(300): print(number)
                    for _ in open("go"): print("more")
                    """,
                ],
            ) { $0.restart.isAutomatic = false }
            var plan = fixture.plan(counter)
            plan.logSize = 4096
            plan.logCount = 20
            _ = try await fixture.supervisor.up(plan)
            let lines = try await fixture.supervisor.follow(fixture.app, "web", last: 1000)
            var texts: [String] = []
            for await line in lines where line.stream == .output {
                texts.append(line.text)
                if texts.count == 300 { break }
            }
            #expect(texts == (0..<300).map { String($0) })
            // From where the reader was, on another server.
            let second = try SupervisionFixture.supervisor(fixture.state)
            await second.findKeepers()
            let middle = try #require(
                Array(try await second.logs(fixture.app, "web", last: 100)).first
            )
            let rest = try await second.follow(fixture.app, "web", last: 0, after: middle.cursor)
            try go.writeAll(Array("1\n2\n".utf8))
            var count = 0
            for await line in rest where line.stream == .output {
                count += 1
                if line.text == "more", count >= 101 { break }
            }
            #expect(count == 101)
            await second.disconnect()
        }
    }

    @Test func `a keeper whose folder was removed ends with its last process`() async throws {
        try await SupervisionFixture.with { fixture in
            let web = fixture.shell("web", "exec sleep 600") { $0.restart.isAutomatic = false }
            _ = try await fixture.supervisor.up(fixture.plan(web))
            let running = try await fixture.process("web")
            let keeper = try fixture.keeper()
            try FileSystem.removeTree(fixture.folder.path)
            running.identity?.send(.kill)
            try await fixture.eventually { !keeper.isAlive }
        }
    }
}
