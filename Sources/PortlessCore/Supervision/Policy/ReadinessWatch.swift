/// Decides, from what a process's tree listens on, whether it is ready and where its names lead.
///
/// Looks often at first and ever more seldom, so that a server is found at once and a program that
/// never listens costs next to nothing.
package struct ReadinessWatch: Sendable {
    package typealias Instant = ContinuousClock.Instant

    package enum Verdict: Hashable, Sendable {
        case wait(until: Instant)
        /// It listens where it was told to.
        case ready
        /// It listens, but only on these; the first one that speaks HTTP is meant.
        case elsewhere([Port])
        /// It has had its time: from now on it counts as online, and is looked at now and then.
        case late(until: Instant)
        /// Nothing new was found when it was looked for again.
        case unchanged
    }

    private static let longestPause = Duration.seconds(5)
    /// How long another port may be all there is: debuggers and tools of the build listen before
    /// the server itself does.
    private static let settling = Duration.milliseconds(1500)
    private static let patience = Duration.seconds(30)

    private let assigned: Set<Port>
    /// What it listens on besides, which says nothing.
    private let others: Set<Port>
    private let isRepeated: Bool
    private let began: Instant
    private var pause = Duration.milliseconds(25)
    private var seen: Set<Port> = []
    private var seenSince: Instant

    /// Looks for any of the ports of a process that was just started.
    package init(assigned: Set<Port>, now: Instant) {
        self.init(assigned: assigned, others: [], isRepeated: false, now: now)
    }

    /// Looks again where a process listens that was ready once; the other ports of its block don't
    /// count.
    package init(again assigned: Port, others: Set<Port>, now: Instant) {
        let others = others.subtracting([assigned])
        self.init(assigned: [assigned], others: others, isRepeated: true, now: now)
    }

    private init(assigned: Set<Port>, others: Set<Port>, isRepeated: Bool, now: Instant) {
        self.assigned = assigned
        self.others = others
        self.isRepeated = isRepeated
        began = now
        seenSince = now
    }

    package mutating func observe(_ ports: Set<Port>, now: Instant) -> Verdict {
        if !ports.isDisjoint(with: assigned) { return .ready }
        let ports = ports.subtracting(others)
        if ports != seen { seenSince = now }
        seen = ports
        if !ports.isEmpty, seenSince.duration(to: now) >= Self.settling {
            return .elsewhere(ports.sorted())
        }
        let next = now.advanced(by: ports.isEmpty ? pause : Self.settling / 5)
        pause = min(pause * 3 / 2, Self.longestPause)
        return waiting(until: next, now: now)
    }

    /// None of the ports spoke HTTP: goes on looking.
    package mutating func notServing(now: Instant) -> Verdict {
        seenSince = now
        pause = Self.longestPause
        return waiting(until: now.advanced(by: pause), now: now)
    }

    private func waiting(until next: Instant, now: Instant) -> Verdict {
        guard began.duration(to: now) >= Self.patience else { return .wait(until: next) }
        return isRepeated ? .unchanged : .late(until: next)
    }
}
