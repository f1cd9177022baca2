import HostSystem
import PortlessCore
import Runner
import Server
import SystemPackage

/// The mirrors of other machines as commands see them: each is an app in the background.
struct RemoteControl {
    private static let checkLimit = Duration.seconds(30)
    /// A person looks for a password, or for a phone.
    private static let askedLimit = Duration.seconds(180)
    private static let startLimit = Duration.seconds(20)
    private static let process = "mirror"

    let context: CommandContext

    init(_ context: CommandContext) {
        self.context = context
    }

    private var folder: RemoteFolder {
        get throws { RemoteFolder(in: try context.stateDirectory()) }
    }

    /// The mirrors that run, or have given up.
    func statuses() throws -> [RemoteStatus] {
        try folder.statuses().filter { $0.process.isAlive || $0.state == .failed }
    }

    /// Connects once, in sight of the user, so that ssh can ask what it has to; says what is there.
    func check(_ ssh: SSHClient, stateDirectory: String?) throws -> RemoteReport {
        do throws(SSHFailure) {
            return try report(ssh, stateDirectory, mayAsk: false)
        } catch {
            guard error.mayBeAnswered, context.mayAsk else { throw error.failure }
        }
        do throws(SSHFailure) {
            return try report(ssh, stateDirectory, mayAsk: true)
        } catch {
            throw error.failure
        }
    }

    private func report(
        _ ssh: SSHClient,
        _ stateDirectory: String?,
        mayAsk: Bool,
    ) throws(SSHFailure) -> RemoteReport {
        let script = RemoteScript.text(stateDirectory: stateDirectory, once: true)
        do {
            let session = try ssh.run(script, mayAsk: mayAsk, persists: mayAsk)
            defer { session.close() }
            let limit = mayAsk ? Self.askedLimit : Self.checkLimit
            let deadline = ContinuousClock.now + limit
            while true {
                switch try session.next(until: deadline) {
                case .line(let line):
                    guard line.hasPrefix(RemoteScript.stateMark) else { continue }
                    let state = line.dropFirst(RemoteScript.stateMark.count)
                    if let report = RemoteReport(line: state) { return report }
                    throw SSHFailure(
                        sentence: "The routes of \(ssh.host) can't be understood.",
                        remedy: "Look at it there: portless doctor",
                    )
                case .ended(0, _):
                    throw SSHFailure(
                        sentence: "\(ssh.host) ran no shell for the script that tells its names.",
                        remedy: "See whether this works: ssh \(ssh.host) sh -c true",
                    )
                case .ended(_, let complaint): throw SSHFailure.of(complaint, host: ssh.host)
                case .interrupted, .silent:
                    throw SSHFailure(
                        sentence:
                            "\(ssh.host) gave no answer within \(limit.components.seconds) s.",
                        remedy: "See whether this works: ssh \(ssh.host)",
                    )
                }
            }
        } catch let failure as SSHFailure {
            throw failure
        } catch {
            throw SSHFailure(sentence: "\(error)")
        }
    }

    // MARK: In the background

    func app(of name: String) throws -> AppName { try AppName(parsing: "portless-remote-\(name)") }

    /// Starts the mirror, and returns once it is connected.
    func start(_ host: RemoteHost, stateDirectory: String?) throws -> RemoteStatus {
        let plan = try plan(host, stateDirectory)
        let apps = SupervisedApps(server: try ServerControl(context).client())
        try folder.remove(host.name)
        guard try apps.up(plan, only: nil, context.console) else {
            throw Failure("The mirror of \(host) isn't started.", remedy: Self.logs(plan.app))
        }
        let deadline = ContinuousClock.now + Self.startLimit
        while ContinuousClock.now < deadline {
            if let status = try folder.status(of: host.name) {
                if status.state == .connected { return status }
                if let reason = status.reason {
                    throw Failure(reason, remedy: status.remedy)
                }
            }
            SystemClock.sleep(for: .milliseconds(50))
        }
        throw Failure("The mirror of \(host) doesn't connect.", remedy: Self.logs(plan.app))
    }

    private static func logs(_ app: AppName) -> String {
        "What it wrote: portless logs \(app)"
    }

    private func plan(_ host: RemoteHost, _ stateDirectory: String?) throws -> SupervisionPlan {
        let directory = try context.preparedStateDirectory()
        let place = stateDirectory.map { ["--state-dir=\($0)"] } ?? []
        let port = try RemoteMirror.freePort(context)
        var process = PlannedProcess(
            name: Self.process,
            command: [context.executable.string, "remote", "serve", host.destination]
                + ["--as", host.name, "--port", "\(port)"] + place,
            directory: directory.path,
            environment: ["PORTLESS_STATE_DIR": directory.path.string],
        )
        process.inherited = context.environment.filter { $0.key != "PORTLESS_STATE_DIR" }
        process.ports = [.init(label: "ssh", port: port)]
        process.restart = .gentle
        // It has given up, and says why in its status.
        process.restart.finalCodes = [0, Failure.exitCode]
        process.killTimeout = .seconds(5)
        process.endsDescendants = true
        return SupervisionPlan(
            app: try app(of: host.name),
            directory: directory.path,
            processes: [process],
        )
    }

    /// Ends the mirror, its connection and its names.
    func stop(_ status: RemoteStatus) throws {
        let name = status.host.name
        let app = try app(of: name)
        if StoredApps.list(in: try context.stateDirectory()).contains(where: { $0.name == app }) {
            _ = try ServerControl(context).client().post("/api/apps/\(app)/remove")
        }
        if status.process.isVerified { end(status.process) }
        _ = try? SSHClient(status.host, context).exit()
        try folder.remove(name)
    }

    /// One that runs in a terminal.
    private func end(_ process: ProcessIdentity) {
        _ = Escalation(grace: .seconds(5), afterForce: .seconds(2)).run(
            send: { process.send($0) },
            isOver: { !process.isAlive },
        )
    }
}
