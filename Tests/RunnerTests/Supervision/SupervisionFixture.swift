import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Runner

/// A supervisor over keepers in processes of their own, and a folder for the apps.
struct SupervisionFixture: Sendable {
    let state: StateDirectory
    let project: FilePath
    let supervisor: Supervisor
    let app: AppName

    static func with(
        _ keeper: KeeperProcess = testKeeper,
        _ body: (SupervisionFixture) async throws -> Void,
    ) async throws {
        try await TemporaryDirectory.with { root in
            let fixture = try SupervisionFixture(root, keeper)
            do {
                try await body(fixture)
            } catch {
                fixture.tell()
                await fixture.end()
                throw error
            }
            await fixture.end()
        }
    }

    private init(_ root: FilePath, _ keeper: KeeperProcess) throws {
        state = StateDirectory(path: root.appending("state"))
        project = root.appending("project")
        for folder in [state.path, project] {
            _ = try FileSystem.makeDirectory(folder, mode: .ownerReadWriteExecute)
        }
        supervisor = try Supervisor(directory: state, launchKeeper: keeper.launch)
        app = try AppName(parsing: "shop")
    }

    /// Another supervisor on the same directory, as after the server's end.
    static func supervisor(_ state: StateDirectory) throws -> Supervisor {
        try Supervisor(directory: state, launchKeeper: testKeeper.launch)
    }

    static var testKeeper: KeeperProcess {
        KeeperProcess(
            executable: TestToolPath.path,
            arguments: ["keeper"],
            environment: ["PATH": "/usr/bin:/bin"],
        )
    }

    var folder: KeeperFolder { KeeperFolder(of: app, in: state) }

    /// A process that a shell runs.
    func shell(
        _ name: String,
        _ script: String,
        _ change: (inout PlannedProcess) -> Void = { _ in },
    ) -> PlannedProcess {
        process(name, ["sh", "-c", script], change)
    }

    func process(
        _ name: String,
        _ command: [String],
        _ change: (inout PlannedProcess) -> Void = { _ in },
    ) -> PlannedProcess {
        var process = PlannedProcess(
            name: name,
            command: command,
            directory: project,
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"],
        )
        change(&process)
        return process
    }

    func plan(_ processes: PlannedProcess...) -> SupervisionPlan {
        SupervisionPlan(app: app, directory: project, processes: processes)
    }

    func process(_ name: String) async throws -> SupervisedProcess {
        try #require(try await supervisor.app(app).process(name))
    }

    /// Waits until the process is as wanted.
    @discardableResult
    func eventually(
        _ name: String,
        _ condition: (SupervisedProcess) throws -> Bool,
    ) async throws -> SupervisedProcess {
        while true {
            let process = try await process(name)
            if try condition(process) { return process }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @discardableResult
    func eventually(_ name: String, is state: ProcessState) async throws -> SupervisedProcess {
        try await eventually(name) { $0.state == state }
    }

    func eventually(_ condition: () async throws -> Bool) async throws {
        while try await !condition() { try await Task.sleep(for: .milliseconds(5)) }
    }

    /// What the process printed, without what the keeper noted.
    func output(_ name: String, last count: Int = 100_000) async throws -> [String] {
        try await supervisor.logs(app, name, last: count)
            .filter { $0.stream != .note }.map(\.text)
    }

    func notes(_ name: String) async throws -> [String] {
        try await supervisor.logs(app, name, last: 100_000)
            .filter { $0.stream == .note }.map(\.text)
    }

    func keeper() throws -> ProcessIdentity {
        try #require(try folder.readKeeper())
    }

    private func tell() {
        for name in DirectoryListing.names(folder.path) + ["logs"] where !name.hasSuffix(".sock") {
            guard let bytes = try? AtomicFile.read(folder.path.appending(name)) else { continue }
            Issue.record("\(name): \(String(decoding: bytes.suffix(2000), as: UTF8.self))")
        }
    }

    private func end() async {
        for app in await supervisor.apps() { _ = try? await supervisor.remove(app.name) }
        let marked = ProcessTree.current().descendants(of: 1).filter { process in
            ProcessDetails.environment(of: process.pid)?[Keeper.marker]?
                .hasPrefix(state.path.string) == true
        }
        for process in marked { process.send(.kill) }
        await supervisor.disconnect()
    }
}
