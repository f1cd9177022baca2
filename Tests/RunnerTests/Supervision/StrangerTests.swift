import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Runner

/// Files that name processes which aren't, or needn't be, those that were started.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct StrangerTests {
    enum Record: CaseIterable {
        case recycledPID, otherBoot, otherNamespace, otherContainer, noBoot, noStartTime

        /// Who the file says has the PID.
        func process(_ stranger: ProcessIdentity) -> ProcessIdentity {
            ProcessIdentity(
                pid: stranger.pid,
                startTime: self == .noStartTime
                    ? nil : stranger.startTime.map { self == .recycledPID ? $0 - 1 : $0 },
                namespace: stranger.namespace.map {
                    self == .otherNamespace || self == .otherContainer ? $0 + 1 : $0
                },
                boot: boot,
            )
        }

        var boot: String? {
            switch self {
            case .noBoot: nil
            case .otherBoot: "an earlier one"
            default: BootSession.id
            }
        }

        var state: ProcessState {
            switch self {
            case .recycledPID: .online
            case .otherBoot: .stopped
            case .otherNamespace, .otherContainer, .noBoot, .noStartTime: .unknown
            }
        }

        var reason: String? {
            switch self {
            case .recycledPID: nil
            case .otherBoot: "restarted"
            case .otherNamespace, .otherContainer: "another container"
            case .noBoot, .noStartTime: "left alone"
            }
        }
    }

    @Test(arguments: Record.allCases)
    func `what has a recorded PID now outlives a new server, a stop and a restart`(
        record: Record
    ) async throws {
        try await SupervisionFixture.with { fixture in
            let stranger = try Stranger()
            defer { stranger.end() }
            // There is only one namespace on macOS.
            let isForeign = [.otherNamespace, .otherContainer].contains(record)
            guard stranger.identity.namespace != nil || !isForeign else { return }
            let web = fixture.shell("web", "exec sleep 600")
            try fixture.folder.create()
            try fixture.folder.write(fixture.plan(web))
            var old = SupervisedProcess(name: "web", state: .online)
            old.identity = record.process(stranger.identity)
            old.startedAt = Timestamp(milliseconds: 1)
            try fixture.folder.write(KeeperStatus(processes: [old], boot: record.boot))
            try AtomicFile.write(
                withUnsafeBytes(of: stranger.identity.pid) { Array($0) },
                to: fixture.folder.pid(of: "web"),
            )
            try fixture.folder.writeKeeper(
                record == .otherContainer ? record.process(stranger.identity) : Self.ended(),
                version: "test",
            )
            await fixture.supervisor.findKeepers()
            let found = try await fixture.eventually("web") { $0.state == record.state }
            #expect(found.identity?.pid != stranger.identity.pid)
            if let reason = record.reason { #expect(found.reason?.contains(reason) == true) }
            if record == .otherContainer { #expect(try await isUntouched(fixture)) }
            #expect(stranger.lives)
            _ = try await fixture.supervisor.stop(fixture.app)
            #expect(stranger.lives)
            _ = try await fixture.supervisor.restart(fixture.app)
            try await fixture.eventually("web", is: .online)
            _ = try await fixture.supervisor.remove(fixture.app)
            #expect(stranger.lives)
        }
    }

    /// Whether the files of a keeper in another container are as it left them.
    private func isUntouched(_ fixture: SupervisionFixture) async throws -> Bool {
        try fixture.folder.readStatus()?.processes.first?.state == .online
            && fixture.folder.readKeeper()?.standing == .elsewhere
    }

    @Test(arguments: [0, 1, -1, Int(Int32.min), 9_000_000_000_000_000_000])
    func `numbers that no process has do no harm`(number: Int) async throws {
        try await SupervisionFixture.with { fixture in
            let stranger = try Stranger()
            defer { stranger.end() }
            let web = fixture.shell("web", "exec sleep 600") { $0.restart.isAutomatic = false }
            try fixture.folder.create()
            try fixture.folder.write(fixture.plan(web))
            let boot = BootSession.id ?? ""
            let status = """
                {"boot": "\(boot)", "processes": [{"name": "web", "state": "online", \
                "pid": \(number), "startTime": \(number), "startedAt": \(number), \
                "restarts": \(number), "unstableRestarts": \(number), "memory": \(number), \
                "cpu": 1e999, "lastExit": {"time": \(number), "uptime": \(number), \
                "code": \(number)}}]}
                """
            try fixture.folder.path.write("status.json", status)
            try fixture.folder.writeKeeper(Self.ended(), version: "test")
            try AtomicFile.write(
                withUnsafeBytes(of: Int32(truncatingIfNeeded: number)) { Array($0) },
                to: fixture.folder.pid(of: "web"),
            )
            await fixture.supervisor.findKeepers()
            _ = try await fixture.supervisor.restart(fixture.app)
            try await fixture.eventually("web", is: .online)
            _ = try await fixture.supervisor.stop(fixture.app)
            try await fixture.eventually("web", is: .stopped)
            #expect(stranger.lives)
        }
    }

    enum Damage: CaseIterable {
        case empty, wrongType, directory, pipe, device

        func make(_ path: FilePath) throws {
            try FileSystem.removeFile(path)
            switch self {
            case .empty: try AtomicFile.write([], to: path)
            case .wrongType: try AtomicFile.write("[7]\n".utf8, to: path)
            case .directory: _ = try FileSystem.makeDirectory(path, mode: .ownerReadWriteExecute)
            case .pipe: try NamedPipe.make(path)
            case .device:
                let link = Spawn(
                    executable: "/bin/ln",
                    arguments: ["-s", "/dev/zero", path.string],
                    environment: [:],
                )
                _ = try link.start().wait()
            }
        }
    }

    @Test(arguments: Damage.allCases, ["plan.json", "status.json", "keeper.json"])
    func `a file that can't be understood is named, and held up by nothing`(
        damage: Damage,
        name: String,
    ) async throws {
        try await SupervisionFixture.with { fixture in
            let web = fixture.shell("web", "exec sleep 600")
            try fixture.folder.create()
            try fixture.folder.write(fixture.plan(web))
            try fixture.folder.write(KeeperStatus(processes: [], boot: BootSession.id))
            try fixture.folder.writeKeeper(Self.ended(), version: "test")
            let path = fixture.folder.path.appending(name)
            try damage.make(path)
            let before = try FileStatus.of(path, followingLinks: false)
            await fixture.supervisor.findKeepers()
            let app = try await fixture.supervisor.app(fixture.app)
            #expect(app.problem?.contains(name) == true, "\(app.problem ?? "none")")
            #expect(try FileStatus.of(path, followingLinks: false) == before)
            await #expect(throws: SupervisorError.self) {
                try await fixture.supervisor.start(fixture.app)
            }
        }
    }

    /// A keeper that was killed.
    private static func ended() -> ProcessIdentity {
        ProcessIdentity(
            pid: .max,
            startTime: 1,
            namespace: ProcessIdentity.current.namespace,
            boot: BootSession.id,
        )
    }
}

/// A process with a child of its own, in a group that it leads.
private struct Stranger {
    private let leader: ChildProcess
    let identity: ProcessIdentity
    private let child: ProcessIdentity

    init() throws {
        var spawn = Spawn(
            executable: "/bin/sh",
            arguments: ["-c", "sleep 601 & exec sleep 600"],
            environment: ["PATH": "/usr/bin:/bin"],
        )
        spawn.group = .ownSession
        leader = try spawn.start()
        identity = leader.identity
        let identity = identity
        var child: ProcessIdentity?
        waitUntil {
            child = ProcessChildren.identities(of: identity).first
            return child != nil
        }
        self.child = try #require(child)
    }

    var lives: Bool { identity.isVerified && child.isVerified }

    func end() {
        ProcessGroup(of: leader).send(.kill)
        _ = try? leader.wait()
    }
}
