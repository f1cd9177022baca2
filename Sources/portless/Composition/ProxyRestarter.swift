import HostSystem
import PortlessCore
import SystemPackage

/// The command's side of a restart: asks the running proxy to let this program take its place.
struct ProxyRestarter {
    enum Outcome: Equatable {
        case restarted
        case notRunning
    }

    /// Tells the proxy to read its `ProxyRestartPlan`.
    static let signal = Signal.user2

    private static let patience = Duration.seconds(25)
    private static let pause = Duration.milliseconds(10)

    let context: CommandContext

    /// Replaces an older proxy by this version; a newer one and the original's are left alone.
    func upgrade(_ proxy: ProxyDescription) throws -> ProxyDescription {
        guard let running = try version(of: proxy), running < Version.current else { return proxy }
        let directory = proxy.stateDirectory
        do {
            // Of many commands that notice it at once, one restarts the proxy.
            try FileLock.withLock(
                at: directory.path.appending("proxy.lock"),
                owner: directory.owner,
            ) {
                guard let running = try version(of: proxy), running < Version.current else {
                    return
                }
                context.console.say(
                    "-- The proxy is version \(running); restarting it as \(Version.current)"
                )
                _ = try restart()
            }
        } catch {
            context.console.warn("The proxy stays as it is. \(error)")
        }
        return try context.describeProxy()
    }

    private func version(of proxy: ProxyDescription) throws -> Version? {
        context.proxyVersion(proxy.port).flatMap { Version($0) }
    }

    /// Returns once the successor serves.
    func restart() throws -> Outcome {
        let directory = try context.stateDirectory()
        let markers = try directory.proxyMarkers()
        guard let process = markers.process, process.isAlive else { return .notRunning }
        guard process.startTime != nil, let words = ProcessDetails.commandLine(of: process.pid)
        else {
            throw Failure("The proxy (PID \(process.pid)) is not one that this command started.")
        }
        guard words.contains("--detached"), let program = OwnExecutable.installedPath else {
            throw Failure(
                "The proxy (PID \(process.pid)) runs in the foreground.",
                remedy: "Stop it where it runs, and start it again there.",
            )
        }
        let plan = ProxyRestartPlan(executable: program, arguments: Array(words.dropFirst()))
        try plan.write(in: directory)
        guard process.send(Self.signal) else {
            try FileSystem.removeFile(directory.proxyRestart)
            throw Failure(
                "The proxy (PID \(process.pid)) belongs to another user.",
                remedy: "Restart it with: sudo portless proxy restart",
            )
        }
        return try wait(for: process, directory)
    }

    private func wait(for old: ProcessIdentity, _ directory: StateDirectory) throws -> Outcome {
        let end = ContinuousClock.now + Self.patience
        while ContinuousClock.now < end {
            if let failure = try ProxyRestartPlan.failure(in: directory) {
                try FileSystem.removeFile(directory.proxyRestart)
                throw Failure(
                    "The proxy couldn't be restarted, and goes on as it is: \(failure)",
                    remedy: "See \(directory.proxyLog)",
                )
            }
            if let now = try directory.proxyMarkers().process, now.pid != old.pid, now.isAlive {
                return .restarted
            }
            // It is gone and has left no successor.
            if !old.isAlive { return .notRunning }
            SystemClock.sleep(for: Self.pause)
        }
        throw Failure(
            "The proxy (PID \(old.pid)) doesn't answer.",
            remedy: "Stop it and start it anew: portless proxy stop && portless proxy start",
        )
    }
}
