import HostSystem

/// What a guardian knows of the run it guards.
struct GuardianWatch {
    /// Tells that the command has ended what it started.
    static let finished: Int32 = 0

    private(set) var children: [Int32: ProcessIdentity] = [:]
    private(set) var isFinished = false

    /// Takes a message: the PID of a child that starts, the negative PID of one that has ended, or
    /// `finished`.
    ///
    /// `identify` tells at once which process has the PID, so that a later one with the same PID is
    /// never taken for it.
    mutating func receive(
        _ message: Int32,
        identify: (Int32) -> ProcessIdentity? = ProcessIdentity.holder(of:),
    ) {
        switch message {
        case Self.finished: isFinished = true
        case ..<0: children[0 &- message] = nil
        default: children[message] = identify(message)
        }
    }
}
