import HostSystem
import PortlessCore
import SystemPackage

/// Puts this program's proxy in the place of the one that runs.
struct ProxyRestarter {
    enum Outcome: Equatable {
        case restarted
        case notRunning
    }

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

    /// Returns once the new proxy serves; where it can't, the old one goes on and the reason is
    /// thrown.
    func restart() throws -> Outcome {
        let directory = try context.stateDirectory()
        guard let process = try directory.proxyMarkers().process, process.isAlive else {
            return .notRunning
        }
        guard process.startTime != nil else {
            throw Failure("The proxy (PID \(process.pid)) is not one that this command started.")
        }
        try DaemonReplacement(kind: .proxy, directory: directory).run()
        return .restarted
    }
}
