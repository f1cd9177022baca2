import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Runner

/// What processes and jobs read on their standard input.
@Suite(.timeLimit(.minutes(1))) struct InputTests {
    @Test func `a process reads its file to the end`() async throws {
        try await SupervisionFixture.with { fixture in
            let file = fixture.project.appending("input")
            try AtomicFile.write("first\nlast\n".utf8, to: file)
            let plan = fixture.plan(
                fixture.shell("web", "cat; echo done; exec sleep 600") { $0.inputFile = file }
            )
            _ = try await fixture.supervisor.up(plan)
            try await fixture.eventually { try await fixture.output("web").count == 3 }
            #expect(try await fixture.output("web") == ["first", "last", "done"])
        }
    }

    @Test func `a file that isn't there, and a pipe in its place, are refused at once`()
        async throws
    {
        try await SupervisionFixture.with { fixture in
            let file = fixture.project.appending("input")
            let plan = fixture.plan(fixture.shell("web", "cat") { $0.inputFile = file })
            let missing = try await fixture.supervisor.up(plan)
            #expect(missing.first?.error?.contains("input") == true, "\(missing)")
            try NamedPipe.make(file)
            let pipe = try await fixture.supervisor.up(plan)
            #expect(pipe.first?.error?.contains("input") == true, "\(pipe)")
        }
    }

    @Test func `a job's input is bounded, kept with it, and none for a terminal`() async throws {
        try await SupervisionFixture.with { fixture in
            let jobs = try JobRunner(
                directory: fixture.state,
                launchKeeper: SupervisionFixture.testKeeper.launch,
            )
            let run = Task { await jobs.run() }
            defer { run.cancel() }
            var request = JobRequest(
                command: ["cat"],
                directory: fixture.project,
                environment: ["PATH": "/usr/bin:/bin"],
            )
            request.input = Array("hello".utf8)
            let job = try await jobs.start(request)
            let ended = try #require(try await jobs.wait(for: job.id))
            #expect(ended.state == .succeeded)
            #expect(ended.record.inputSize == 5)
            let lines = try await jobs.output(of: job.id, last: 10)
            #expect(lines.filter { $0.stream == .output }.map(\.text) == ["hello"])
            let folder = KeeperFolder(of: job.id, in: fixture.state, .jobs).path
            let status = try #require(try FileStatus.of(folder.appending("input")))
            #expect(status.permissions == .ownerReadWrite)
            request.terminal = TerminalSize()
            await #expect(throws: JobError.self) { try await jobs.start(request) }
            request.terminal = nil
            request.input = [UInt8](repeating: 97, count: JobRequest.mostInput + 1)
            await #expect(throws: JobError.self) { try await jobs.start(request) }
            try await jobs.forget(job.id)
            #expect(try FileStatus.of(folder) == nil)
        }
    }
}
