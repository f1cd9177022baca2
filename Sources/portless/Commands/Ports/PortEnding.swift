import HostSystem

/// Ends processes, first by asking and then by force.
enum PortEnding {
    private static let grace = Duration.seconds(5)
    private static let afterForce = Duration.seconds(2)
    private static let pause = Duration.milliseconds(20)

    /// Those that live on, and whether force was needed.
    static func end(_ processes: [ProcessIdentity]) -> (left: [ProcessIdentity], wasForced: Bool) {
        for process in processes { send(.terminate, to: process) }
        var left = wait(for: processes, grace)
        guard !left.isEmpty else { return ([], false) }
        for process in left { send(.kill, to: process) }
        left = wait(for: left, afterForce)
        return (left, true)
    }

    /// With all of root's rights, where there are any.
    private static func send(_ signal: Signal, to process: ProcessIdentity) {
        _ = Privileges.asRoot { process.send(signal) }
    }

    private static func wait(
        for processes: [ProcessIdentity],
        _ limit: Duration,
    ) -> [ProcessIdentity] {
        let end = ContinuousClock.now + limit
        while true {
            let left = processes.filter(\.isAlive)
            guard !left.isEmpty, ContinuousClock.now < end else { return left }
            SystemClock.sleep(for: pause)
        }
    }
}
