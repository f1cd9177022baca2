import HostSystem

/// Ends a daemon's holder, and with it the daemon, and waits until it is gone.
enum DaemonEnd {
    private static let grace = Duration.seconds(5)
    private static let pause = Duration.milliseconds(10)

    static func end(_ process: ProcessIdentity, _ kind: DaemonKind, ifForeign: String) throws {
        for signal in [Signal.terminate, .kill] {
            guard process.send(signal) else {
                if !process.isAlive { return }
                throw Failure(
                    "The \(kind) (PID \(process.pid)) belongs to another user.",
                    remedy: ifForeign,
                )
            }
            let end = ContinuousClock.now + grace
            while process.isAlive, ContinuousClock.now < end {
                SystemClock.sleep(for: pause)
            }
            if !process.isAlive { return }
        }
        throw Failure(
            "The \(kind) (PID \(process.pid)) doesn't end.",
            remedy: "Look at what it waits for: ps -o pid,stat,wchan,cmd -p \(process.pid)",
        )
    }
}
