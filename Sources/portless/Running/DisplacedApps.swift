import HostSystem

/// The apps that had a name until another one took it by force.
struct DisplacedApps {
    private static let grace = Duration.seconds(5)

    let processes: [ProcessIdentity]
    let console: Console

    /// Asks them to end, and returns those that were asked; one whose entry doesn't prove that its
    /// PID is still its own is left alone, and named.
    @discardableResult
    func terminate() -> [ProcessIdentity] {
        processes.filter { process in
            if process.send(.terminate) { return true }
            if process.isAlive {
                console.warn(
                    """
                    The app that had the name (PID \(process.pid)) goes on: nothing shows that the \
                    process is still the same one, or it belongs to another user.
                    """
                )
            }
            return false
        }
    }

    /// As `terminate`, and waits until they are gone.
    func end() {
        let asked = terminate()
        guard !asked.isEmpty else { return }
        _ = Escalation.wait(upTo: Self.grace) { !asked.contains(where: \.isAlive) }
        let pids = asked.map { String($0.pid) }.joined(separator: ", ")
        console.say("Killed existing process(es): \(pids)")
    }
}
