/// What a guardian knows of the run it guards.
struct GuardianWatch {
    /// Tells that the command has ended what it started.
    static let finished: Int32 = 0

    private(set) var children: Set<Int32> = []
    private(set) var isFinished = false

    /// Takes a message: the PID of a child that starts, the negative PID of one that has ended, or
    /// `finished`.
    mutating func receive(_ message: Int32) {
        switch message {
        case Self.finished: isFinished = true
        case ..<0: children.remove(-message)
        default: children.insert(message)
        }
    }
}
