import HostSystem
import Machine
import PortlessCore
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import portless

/// The world that a command runs in: a folder of its own, and effects that a test provides.
///
/// An effect that the test doesn't provide fails the test and says which one it was.
struct CommandWorld {
    struct Result: Equatable {
        var code: Int32
        var output: String
        var talk: String
    }

    private final class Recording: Sendable {
        let output = Mutex("")
        let talk = Mutex("")
    }

    let root: FilePath
    var context: CommandContext
    private let recording: Recording

    /// Runs `body` in a world that is gone afterwards.
    static func with(_ body: (inout CommandWorld) async throws -> Void) async throws {
        try await TemporaryDirectory.with { root in
            var world = try CommandWorld(root: root)
            try await body(&world)
        }
    }

    private init(root: FilePath) throws {
        self.root = root
        let recording = Recording()
        self.recording = recording
        let console = Console(
            style: .plain,
            output: { text in recording.output.withLock { $0 += text } },
            talk: { text in recording.talk.withLock { $0 += text } },
        )
        context = .failing(in: root, console: console)
        try root.write("project/.keep", "")
    }

    /// Calls the program with the words of a line.
    ///
    /// On a thread of its own: commands wait for tasks, which the threads of the tests have to run.
    func run(_ line: String) async -> Result {
        recording.output.withLock { $0 = "" }
        recording.talk.withLock { $0 = "" }
        let (words, context) = (line.split(separator: " ").map(String.init), context)
        let code = await withCheckedContinuation { continuation in
            SystemThread.start { continuation.resume(returning: Portless.run(words, context)) }
        }
        return Result(
            code: code,
            output: recording.output.withLock { $0 },
            talk: recording.talk.withLock { $0 },
        )
    }

    /// What was said since the last call.
    var talk: String { recording.talk.withLock { $0 } }

    var state: StateDirectory { get throws { try context.stateDirectory() } }

    /// No proxy runs, and nothing listens anywhere.
    mutating func hasNoProxy() {
        context.isProxy = { _ in false }
        context.isListening = { _ in false }
        context.lostProxy = { _ in nil }
        context.isPortDenied = { _ in false }
    }

    /// A proxy of this version serves plain HTTP on port 1355.
    mutating func hasProxy() throws {
        var markers = ProxyMarkers()
        markers.pid = ProcessIdentity.current.pid
        markers.port = 1355
        markers.record = ProxyRecord(version: Portless.version, process: .current)
        try context.preparedStateDirectory().write(markers)
        context.isProxy = { $0 == 1355 }
        context.proxyVersion = { $0 == 1355 ? Portless.version : nil }
    }
}

extension CommandContext {
    /// A context in the folder with effects that fail the test, each by its name.
    static func failing(in folder: FilePath, console: Console) -> CommandContext {
        CommandContext(
            console: console,
            environment: [
                "HOME": folder.appending("home").string,
                "PATH": folder.appending("bin").string,
                "PORTLESS_STATE_DIR": folder.appending("state").string,
                "PORTLESS_HOSTS_FILE": folder.appending("hosts").string,
                "PORTLESS_SERVICE_ROOT": folder.appending("machine").string,
                "PORTLESS_SYNC_HOSTS": "0",
            ],
            workingDirectory: folder.appending("project"),
            executable: folder.appending("portless"),
            userID: UserAccount.effectiveID,
            isInteractive: false,
            homeOfUser: { _ in unexpected("homeOfUser", nil) },
            askBranch: { _ in unexpected("askBranch", nil) },
            isProxy: { _ in unexpected("isProxy", false) },
            isListening: { _ in unexpected("isListening", false) },
            proxyVersion: { _ in unexpected("proxyVersion", nil) },
            isFree: { _ in unexpected("isFree", false) },
            holder: { _ in unexpected("holder", nil) },
            answering: { _ in unexpected("answering", nil) },
            listeningPorts: { unexpected("listeningPorts", []) },
            isPortDenied: { _ in unexpected("isPortDenied", true) },
            addresses: { _ in unexpected("addresses", []) },
            lanAddress: { unexpected("lanAddress", nil) },
            surveyPorts: { _, _ in throw Unprovided(effect: "surveyPorts") },
            processes: ProcessControl(
                details: { unexpected("processes.details(\($0))", .init()) },
                enclosing: { unexpected("processes.enclosing", []) },
                orphans: { unexpected("processes.orphans(\($0.hostname))", []) },
                isAlive: { unexpected("processes.isAlive(\($0.pid))", false) },
                send: { process, _ in unexpected("processes.send(\(process.pid))", false) },
                sendToGroup: { leader, _ in
                    unexpected("processes.sendToGroup(\(leader.pid))", false)
                },
            ),
            runner: FailingRunner(),
            lostProxy: { _ in unexpected("lostProxy", nil) },
            startDaemon: { start, _, _ in throw Unprovided(effect: "startDaemon(\(start.kind))") },
            replaceDaemon: { kind, _ in throw Unprovided(effect: "replaceDaemon(\(kind))") },
            startGuardian: { _, _ in throw Unprovided(effect: "startGuardian") },
            startApp: { app, _ in throw Unprovided(effect: "startApp(\(app.command))") },
            ask: { request, _ in throw Unprovided(effect: "ask(\(request.path))") },
        )
    }
}

/// An effect that a command asked for and the test didn't provide.
struct Unprovided: Error, CustomStringConvertible {
    let description: String

    init(effect: String) {
        description = "The test doesn't provide the effect \(effect)."
        Issue.record("\(description)")
    }
}

private func unexpected<Result>(_ effect: String, _ result: Result) -> Result {
    _ = Unprovided(effect: effect)
    return result
}

private struct FailingRunner: CommandRunner {
    func has(_ program: String) -> Bool { unexpected("runner.has(\(program))", false) }

    func run(_ command: Command) async throws(CommandError) -> CommandResult {
        _ = Unprovided(effect: "runner.run(\(command))")
        throw .notFound(program: command.program)
    }
}

/// Knows no program, and so changes nothing.
struct EmptyRunner: CommandRunner {
    func has(_ program: String) -> Bool { false }

    func run(_ command: Command) async throws(CommandError) -> CommandResult {
        throw .notFound(program: command.program)
    }
}

/// What closures of a test collect.
final class Collected<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])

    var all: [Value] { values.withLock { $0 } }

    func add(_ value: Value) { values.withLock { $0.append(value) } }
}
