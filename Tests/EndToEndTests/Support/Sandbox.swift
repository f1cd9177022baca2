import Foundation
import Testing

/// A machine of its own for one test: state directory, home and ports that nothing else uses.
struct Sandbox: Sendable {
    let root: URL
    let port: Int
    /// Where the sandbox's server listens, if one is started.
    let apiPort: Int
    let mirrorPort: Int
    var environment: [String: String]

    var state: URL { root.appending(path: "state") }
    var authority: String { state.appending(path: "ca.pem").path() }
    var project: URL { root.appending(path: "project") }

    /// Gives a sandbox to a test, and ends whatever the test left running.
    static func with(
        _ changes: [String: String] = [:],
        _ body: (Sandbox) async throws -> Void,
    ) async throws {
        let sandbox = try Sandbox(changes)
        do {
            try await body(sandbox)
        } catch {
            sandbox.tellLog()
            await sandbox.end()
            throw error
        }
        await sandbox.end()
    }

    private init(_ changes: [String: String]) throws {
        root = URL(filePath: "/tmp/portless-e2e-\(UUID().uuidString.prefix(8))")
        port = try FreePort.next()
        apiPort = try FreePort.next()
        mirrorPort = try FreePort.next()
        let inherited = ProcessInfo.processInfo.environment
        environment = [
            "PATH": inherited["PATH"] ?? "/usr/bin:/bin",
            "NODE_PATH": inherited["NODE_PATH"] ?? "/usr/share/nodejs",
            "HOME": root.appending(path: "home").path(),
            "LANG": "C.UTF-8",
            "PORTLESS_STATE_DIR": root.appending(path: "state").path(),
            "PORTLESS_PORT": String(port),
            "PORTLESS_API_PORT": String(apiPort),
            "PORTLESS_API_LOCAL_PORT": String(mirrorPort),
            "PORTLESS_SYNC_HOSTS": "0",
            "PORTLESS_RESOLVER_ROOT": root.appending(path: "machine").path(),
            "PORTLESS_SERVICE_ROOT": root.appending(path: "machine").path(),
        ]
        for feature in ["JOBS", "CRASHES", "CRASHES_UI"] {
            environment["PORTLESS_\(feature)_PORT"] = String(try FreePort.next())
        }
        environment.merge(changes) { $1 }
        for folder in ["home", "project", "scratch"] {
            try FileManager.default.createDirectory(
                at: root.appending(path: folder),
                withIntermediateDirectories: true,
            )
        }
    }

    /// Starts a program in the project's folder; the first argument is looked up in `PATH`.
    func start(
        _ arguments: [String],
        environment changes: [String: String] = [:],
        directory: URL? = nil,
    ) throws -> Program {
        try Program(
            arguments,
            environment: environment.merging(changes) { $1 },
            directory: directory ?? project,
            scratch: root.appending(path: "scratch"),
        )
    }

    func startPortless(
        _ arguments: String...,
        environment changes: [String: String] = [:],
        directory: URL? = nil,
    ) throws -> Program {
        try start([Binary.path] + arguments, environment: changes, directory: directory)
    }

    /// Runs `portless` to its end.
    @discardableResult
    func portless(
        _ arguments: String...,
        environment changes: [String: String] = [:],
        directory: URL? = nil,
    ) async throws -> Program.Result {
        try await start([Binary.path] + arguments, environment: changes, directory: directory)
            .finished()
    }

    func url(_ name: String, scheme: String = "https") -> String {
        "\(scheme)://\(name).localhost:\(port)"
    }

    func write(_ text: String, to name: String) throws {
        let file = project.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true,
        )
        try Data(text.utf8).write(to: file)
    }

    /// A file of the state directory as text; empty where it isn't there.
    func stateFile(_ name: String) -> String {
        let data = (try? Data(contentsOf: state.appending(path: name))) ?? Data()
        return String(decoding: data, as: UTF8.self)
    }

    /// The process that ends the proxy with itself: its holder.
    var proxyID: Int32? { Int32(stateFile("proxy.pid")) }

    /// The proxy itself.
    var proxyDaemonID: Int32? { Self.daemonID(in: stateFile("proxy.json")) }

    static func daemonID(in record: String) -> Int32? {
        let object = try? JSONSerialization.jsonObject(with: Data(record.utf8))
        return ((object as? [String: Any])?["daemon"] as? NSNumber)?.int32Value
    }

    private func tellLog() {
        Issue.record("proxy.log: \(stateFile("proxy.log").suffix(2000))")
    }

    private func end() async {
        _ = try? await portless("proxy", "stop")
        killAll()
        try? FileManager.default.removeItem(at: root)
    }

    /// Kills whatever runs for this sandbox, as the end of the machine would.
    func killAll() {
        // A server that lives a moment longer than a keeper makes a new one.
        for _ in 0..<2 {
            // A server that shows its state in `ps` writes it over its environment.
            for process in ProcessTable.all
            where process.environment.contains(state.path())
                || process.directory.hasPrefix(root.path())
            {
                kill(process.id, SIGKILL)
            }
        }
    }
}
