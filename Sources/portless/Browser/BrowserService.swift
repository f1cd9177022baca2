import Browser
import HostSystem
import Logging
import Machine
import NIOCore
import PortlessCore
import Server
import Synchronization
import SystemPackage

/// The managed browser as a child of this process, and its health on a port, until one of them ends.
struct BrowserService {
    private static let startLimit = Duration.seconds(20)
    private static let look = Duration.milliseconds(500)
    /// A browser that is busy may miss one question.
    private static let mostMissed = 3

    let directory: StateDirectory
    let program: FilePath
    let launch: BrowserLaunch
    let health: BrowserHealth
    let downloads: FilePath
    let context: CommandContext

    private var endpoint: DevToolsEndpoint { DevToolsEndpoint(port: health.ports.cdp) }

    /// The queue has to be older than every other thread, so the caller brings it along.
    func run(until signals: SignalQueue) throws {
        endForgotten()
        let child = try start()
        let downloads = holdDownloads()
        defer { downloads.cancel() }
        let server = try serveHealth()
        defer { server.cancel() }
        var missed = 0
        while true {
            if signals.next(timeout: Self.look) != nil {
                if let child { end(child) }
                return
            }
            if let child {
                guard case .ended(let end)? = try child.change() else { continue }
                try child.reap()
                // The user closed its last window.
                if end == .exited(0) { return }
                throw Failure("The browser ended: \(end.phrase).")
            } else if try waiting(for: { [health] in await health.isHealthy() }) {
                missed = 0
            } else {
                missed += 1
                guard missed == Self.mostMissed else { continue }
                throw Failure("The browser that listened on port \(health.ports.cdp) is gone.")
            }
        }
    }

    // MARK: Start

    /// Ends a browser of this profile whose keeper of then was killed.
    private func endForgotten() {
        let sockets = (try? ListeningSockets.on(port: health.ports.cdp.rawValue)) ?? []
        for pid in Set(ListeningSockets.holders(of: sockets).values.joined()) {
            // Before its arguments are read: what has the PID later isn't the one that was looked at.
            guard let process = ProcessIdentity.of(pid: pid),
                let arguments = ProcessDetails.commandLine(of: pid),
                arguments.contains(where: { $0.contains(launch.profileArgument) })
            else { continue }
            _ = Escalation(grace: .seconds(5), afterForce: .seconds(2)).run(
                send: { process.send($0) },
                isOver: { !process.isAlive },
            )
        }
    }

    /// Nil where a browser with DevTools is there already, which is used as it is.
    private func start() throws -> ChildProcess? {
        switch try waiting(for: { [endpoint] in await endpoint.look() }) {
        case .browser(let identity):
            context.console.say(
                "\(identity.product) listens on port \(health.ports.cdp) already; it is used as it is."
            )
            return nil
        case .stranger:
            let port = health.ports.cdp
            throw BrowserPlan.taken(port, by: context.holder(port), .browserDevTools)
        case .nothing: break
        }
        try prepare()
        var spawn = Spawn(
            executable: program,
            arguments: launch.arguments,
            environment: launch.environment(context.environment),
            workingDirectory: launch.folder.home,
        )
        spawn.name = program.string
        let child = try spawn.start()
        let end = ContinuousClock.now + Self.startLimit
        while try !waiting(for: { [health] in await health.isHealthy() }) {
            if case .ended(let end)? = try child.change() {
                try child.reap()
                throw Failure(
                    "\(program) ended before it answered: \(end.phrase).",
                    remedy: "See why: portless logs \(BrowserPorts.app)",
                )
            }
            guard ContinuousClock.now < end else {
                self.end(child)
                throw Failure(
                    "\(program) doesn't answer on port \(health.ports.cdp).",
                    remedy: "Try another browser: portless browser start --program <program>",
                )
            }
            SystemClock.sleep(for: .milliseconds(50))
        }
        return child
    }

    private func prepare() throws {
        try launch.folder.create()
        try launch.folder.removeLock()
        let trust = BrowserTrust(
            directory: directory,
            database: launch.folder.certificates,
            runner: context.runner,
        )
        if let obstacle = trust.obstacle { context.console.warn(obstacle) }
        let domains = launch.tlds.map(\.hostname)
        try waiting { try await trust.prepare(topLevelDomains: domains) }
    }

    // MARK: While it runs

    /// The browser forgets the folder for downloads with the connection that set it.
    private func holdDownloads() -> Task<Void, Never> {
        Task { [endpoint, downloads] in
            while !Task.isCancelled {
                try? await endpoint.connected { connection in
                    _ = try await connection.call(
                        "Browser.setDownloadBehavior",
                        [
                            "behavior": .string("allow"),
                            "downloadPath": .string(downloads.string),
                        ],
                    )
                    await connection.closed()
                }
                try? await Task.sleep(for: .seconds(2))
            }
        }
    }

    /// Returns once the port answers.
    private func serveHealth() throws -> Task<Void, any Error> {
        let (ready, signal) = AsyncThrowingStream<Void, any Error>.makeStream()
        let task = Task { [health] in
            do {
                try await health.run(
                    logger: Logger(label: "portless") { _ in SwiftLogNoOpLogHandler() }
                ) {
                    signal.finish()
                }
            } catch {
                signal.finish(throwing: error)
                throw error
            }
        }
        do {
            try waiting { for try await _ in ready {} }
        } catch {
            let port = health.ports.health
            throw BrowserPlan.taken(port, by: context.holder(port), .browserHealth)
        }
        return task
    }

    /// Lets the browser write its profile, and then insists.
    private func end(_ child: ChildProcess) {
        _ = try? waiting { [endpoint] in
            try await endpoint.connected { connection in
                _ = try await connection.call("Browser.close", within: .seconds(3))
            }
        }
        let isOver = { if case .ended? = try? child.change() { true } else { false } }
        if !Escalation.wait(upTo: .seconds(4), until: isOver) {
            _ = Escalation(grace: .seconds(3), afterForce: .seconds(1)).run(
                send: { child.send($0) },
                isOver: isOver,
            )
        }
        if isOver() { try? child.reap() }
    }
}

extension ProcessEnd {
    fileprivate var phrase: String {
        switch self {
        case .exited(let code): "exit code \(code)"
        case .signalled(let signal): "signal \(signal)"
        }
    }
}
