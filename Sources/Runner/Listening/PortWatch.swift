package import PortlessCore

/// Decides, from the ports that an app listens on, whether it is ready and where its names lead.
///
/// It looks often at first, then at growing intervals, and finally only when asked: an app that
/// listens on its assigned port is found at once, and one that never listens costs next to nothing.
package struct PortWatch: Sendable {
    package typealias Instant = ContinuousClock.Instant

    package enum Verdict: Hashable, Sendable {
        /// Look again after this long.
        case wait(Duration)
        /// Don't look again until asked.
        case settled
        /// Lead the names back to the assigned port.
        case moveToAssigned
        /// The app listens only on these, the likeliest first; the first that speaks HTTP is the
        /// one.
        case choose([Port])
    }

    private static let firstPause = Duration.milliseconds(40)
    private static let longestPause = Duration.seconds(5)
    private static let settlingPause = Duration.milliseconds(300)
    /// How long another port has to be open: debuggers and build tools listen before the server
    /// itself does.
    private static let settling = Duration.milliseconds(1500)
    /// How long to look without being asked: later the proxy reports when the app refuses a
    /// request.
    private static let patience = Duration.seconds(600)
    /// How long the chosen port may turn out to be a debugger's.
    private static let doubt = Duration.seconds(60)
    /// The age from which an app that doesn't listen is late.
    private static let startTime = Duration.seconds(30)

    /// The assigned port, which the names lead to while the app listens there; nil where it has
    /// none.
    package let assigned: Port?
    /// The app's other ports: listening there, too, is no move.
    private let others: Set<Port>
    /// Whether to go on looking for as long as the app isn't ready.
    private let isAwaited: Bool
    /// Where the names lead.
    package private(set) var current: Port?
    /// Whether it listens on any of its ports, or on one that its names were moved to.
    package private(set) var isReady = false
    private var pause = Self.firstPause
    private var openSince: [Port: Instant] = [:]
    /// The ports that were open when `current` was chosen.
    private var known: Set<Port> = []
    private var began: Instant?
    private var end: Instant?
    private var isOver = false

    /// `current` is the port that the names lead to, if not `assigned`.
    package init(
        assigned: Port?,
        others: Set<Port> = [],
        current: Port? = nil,
        isAwaited: Bool = false,
    ) {
        self.assigned = assigned
        self.others = others.subtracting([assigned].compactMap(\.self))
        self.current = current ?? assigned
        self.isAwaited = isAwaited
    }

    /// Whether it doesn't listen though it has had its time.
    package func isLate(at now: Instant) -> Bool {
        guard let began, !isReady else { return false }
        return began.duration(to: now) >= Self.startTime
    }

    /// The ports that the app opened beside those it was given and the one that its names lead to.
    package func further(_ open: Set<Port>, beside port: Port) -> Set<Port> {
        open.subtracting(others).subtracting([port])
    }

    /// Takes the ports that the app listens on now.
    package mutating func observe(_ open: Set<Port>, now: Instant) -> Verdict {
        if isOver { start() }
        began = began ?? now
        let end = self.end ?? now.advanced(by: Self.patience)
        self.end = end
        let ports = open.subtracting(others)
        if ports != open { isReady = true }
        openSince = openSince.filter { ports.contains($0.key) }
        for port in ports where openSince[port] == nil { openSince[port] = now }
        if let assigned, ports.contains(assigned) {
            isReady = true
            guard current == assigned else { return .moveToAssigned }
            return finish()
        }
        if assigned == nil, isReady { return finish() }
        guard now < end || isAwaited && !isReady else { return finish() }
        if ports.isEmpty || ports == known && current.map(ports.contains) == true {
            return waitLonger()
        }
        let ages = ports.compactMap { port in openSince[port]?.duration(to: now) }
        let settled = ports.filter { port in
            openSince[port].map { $0.duration(to: now) >= Self.settling } ?? false
        }
        // Among many ports the youngest may be the server's; an app that keeps opening new ones is
        // judged by those that stay open.
        let isComplete = settled == ports || (ages.max() ?? .zero) >= Self.longestPause
        guard isComplete, !settled.isEmpty, settled != known else {
            return .wait(Self.settlingPause)
        }
        return .choose(settled.sorted { $0 == current || $1 != current && $0 < $1 })
    }

    /// The names were moved to one of `candidates`; goes on looking for a while, in case it isn't
    /// the server's.
    package mutating func moved(
        to port: Port,
        among candidates: [Port],
        now: Instant,
    ) -> Verdict {
        isReady = true
        known = Set(candidates)
        if port != current {
            current = port
            end = now.advanced(by: Self.doubt)
        }
        guard port != assigned else { return finish() }
        pause = Self.settlingPause
        return waitLonger()
    }

    /// None of the ports spoke HTTP, or moving the names failed: goes on looking.
    package mutating func notServing() -> Verdict {
        pause = Self.longestPause
        return .wait(pause)
    }

    private mutating func start() {
        isOver = false
        end = nil
        pause = Self.firstPause
        openSince = [:]
    }

    private mutating func finish() -> Verdict {
        isOver = true
        return .settled
    }

    private mutating func waitLonger() -> Verdict {
        defer { pause = min(pause * 3 / 2, Self.longestPause) }
        return .wait(pause)
    }
}
