import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Runner

/// Keepers that have run out of something.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct ShortageTests {
    /// A keeper that may open so many files and no more.
    private static func keeper(openFiles: Int) -> KeeperProcess {
        let keeper = SupervisionFixture.testKeeper
        return KeeperProcess(
            executable: "/bin/sh",
            arguments: [
                "-c", #"ulimit -n "$0"; exec "$@""#, String(openFiles), keeper.executable.string,
            ] + keeper.arguments,
            environment: keeper.environment,
        )
    }

    @Test func `without descriptors processes wait for their start, and start when there are some`()
        async throws
    {
        try await SupervisionFixture.with(Self.keeper(openFiles: 80)) { fixture in
            let names = (0..<30).map { "worker\($0)" }
            let plan = SupervisionPlan(
                app: fixture.app,
                directory: fixture.project,
                processes: names.map { fixture.shell($0, "exec sleep 600") },
            )
            _ = try await fixture.supervisor.up(plan)
            let app = try await fixture.supervisor.app(fixture.app)
            let online = app.processes.filter { $0.state == .online }
            let waiting = app.processes.filter { $0.state == .starting }
            let states = app.processes.map { "\($0.state): \($0.reason ?? "")" }
            try #require(!online.isEmpty && !waiting.isEmpty, "\(Set(states))")
            #expect(online.count + waiting.count == names.count)
            for process in waiting {
                #expect(process.reason?.contains("Too many open files") == true)
            }
            for process in online.prefix(online.count - 1) {
                _ = try await fixture.supervisor.stop(fixture.app, process.name)
            }
            try await fixture.eventually(waiting[0].name, is: .online)
        }
    }

    @Test func `connections that a keeper can't take don't keep it busy, and others come later`()
        async throws
    {
        try await SupervisionFixture.with(Self.keeper(openFiles: 64)) { fixture in
            let web = fixture.shell("web", "exec sleep 600")
            _ = try await fixture.supervisor.up(fixture.plan(web))
            let keeper = try fixture.keeper()
            var clients: [FileDescriptor] = []
            for _ in 0..<90 {
                clients.append(
                    try LocalSocket.connect(
                        in: fixture.folder.path,
                        to: KeeperFolder.socketName,
                    )
                )
            }
            let before = try #require(ProcessUsage(of: keeper.pid)).processorTime
            let start = ContinuousClock.now
            try await Task.sleep(for: .milliseconds(500))
            let used = try #require(ProcessUsage(of: keeper.pid)).processorTime - before
            #expect(used < start.duration(to: .now) / 2)
            _ = try await fixture.supervisor.restart(fixture.app)
            try await fixture.eventually("web", is: .online)
            for client in clients { try client.close() }
            let second = try SupervisionFixture.supervisor(fixture.state)
            await second.findKeepers()
            _ = try await second.stop(fixture.app)
            await second.disconnect()
            #expect(keeper.isVerified)
        }
    }

    @Test func `a keeper that is stuck at its start keeps no other app waiting`() async throws {
        try await SupervisionFixture.with { fixture in
            let stuck = try AppName(parsing: "stuck")
            let folder = KeeperFolder(of: stuck, in: fixture.state)
            try folder.create()
            var plan = fixture.plan(fixture.shell("web", "exec sleep 600"))
            plan.app = stuck
            try folder.write(plan)
            let ended = ProcessIdentity(
                pid: .max,
                startTime: 1,
                namespace: ProcessIdentity.current.namespace,
                boot: BootSession.id,
            )
            let status = KeeperStatus(
                processes: [SupervisedProcess(name: "web", state: .starting)],
                boot: BootSession.id,
            )
            try folder.write(status)
            try fixture.folder.create()
            try fixture.folder.write(status)
            try folder.writeKeeper(ended, version: "test")
            try fixture.folder.write(fixture.plan(fixture.shell("web", "exec sleep 600")))
            try fixture.folder.writeKeeper(ended, version: "test")
            let gate = try Pipe()
            let launch = SupervisionFixture.testKeeper.launch
            let second = try Supervisor(directory: fixture.state) { keeper in
                if keeper == folder {
                    var byte: UInt8 = 0
                    _ = try withUnsafeMutableBytes(of: &byte) { try gate.reading.read(into: $0) }
                }
                try launch(keeper)
            }
            let finding = Task { await second.findKeepers() }
            try await fixture.eventually { isKept(fixture.folder) }
            #expect(!isKept(folder))
            try gate.writing.close()
            await finding.value
            #expect(isKept(folder))
            for app in [stuck, fixture.app] { _ = try await second.remove(app) }
            await second.disconnect()
        }
    }

    private func isKept(_ folder: KeeperFolder) -> Bool {
        (try? folder.readKeeper())?.isVerified == true
    }
}
