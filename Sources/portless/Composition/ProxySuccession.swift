import HostSystem
import PortlessCore
import SystemPackage

/// The running proxy's side of a restart: starts its successor and waits until that serves.
///
/// The sockets never close, so that no connection finds the door shut, and a successor that can't
/// start leaves everything as it is.
struct ProxySuccession {
    private static let patience = Duration.seconds(20)
    private static let pause = Duration.milliseconds(10)

    let directory: StateDirectory
    let environment: [String: String]

    /// Returns once the successor serves.
    func start(_ sockets: ProxySockets) throws {
        do {
            let plan = try ProxyRestartPlan.read(in: directory)
            try start(plan, sockets)
            try FileSystem.removeFile(directory.proxyRestart)
        } catch {
            try? ProxyRestartPlan.write(failure: "\(error)", in: directory)
            throw error
        }
    }

    private func start(_ plan: ProxyRestartPlan, _ sockets: ProxySockets) throws {
        var spawn = Spawn(
            executable: plan.executable,
            arguments: plan.arguments,
            environment: environment,
        )
        spawn.name = "portless"
        spawn.passedDescriptors = sockets.all
        spawn.passesListeners = true
        spawn.group = .ownSession
        let child = try spawn.start()
        let end = ContinuousClock.now + Self.patience
        while ContinuousClock.now < end {
            if try directory.proxyMarkers().pid == child.pid { return }
            if case .ended = try child.change() {
                try child.reap()
                throw Failure("The new proxy ended at once; \(directory.proxyLog) says why.")
            }
            SystemClock.sleep(for: Self.pause)
        }
        child.send(.kill)
        try child.reap()
        throw Failure("The new proxy didn't start in time; \(directory.proxyLog) may say why.")
    }
}
