extension ProcessIdentity {
    /// This process, if what was recorded proves that it runs here, or if the process that has its
    /// PID listens on the port that was recorded beside it; else nil.
    ///
    /// Other tools, and older versions of this one, write down less than a proof takes.
    package func proven(byListeningOn port: UInt16?) -> ProcessIdentity? {
        switch standing {
        case .running: return self
        case .ended, .elsewhere: return nil
        case .unproven: break
        }
        guard let port, let now = ProcessIdentity.of(pid: pid), now.isVerified,
            let sockets = try? ListeningSockets.on(port: port),
            !ListeningSockets.holders(of: sockets, among: [pid]).isEmpty
        else { return nil }
        return now
    }
}
