package import PortlessCore

/// Decides, from what an app's processes listen on, whether they are ready and where the app's
/// names lead.
///
/// Looks often at first and ever more seldom, and in the end not at all until it is asked again: an
/// app that listens where it was told to is found at once, and one that never listens costs next to
/// nothing.
package struct PortWatch: Sendable {
    package typealias Instant = ContinuousClock.Instant

    package enum Verdict: Hashable, Sendable {
        /// Look again after this long.
        case wait(Duration)
        /// Nothing is left to be seen until it is asked again.
        case settled
        /// The names belong on the port that the app was given, and lead elsewhere.
        case moveToAssigned
        /// The app listens only on these, the likeliest first; the first that speaks HTTP is meant.
        case choose([Port])
    }

    private static let firstPause = Duration.milliseconds(40)
    private static let longestPause = Duration.seconds(5)
    private static let settlingPause = Duration.milliseconds(300)
    /// How long another port has to be open: debuggers and tools of the build listen before the
    /// server itself does.
    private static let settling = Duration.milliseconds(1500)
    /// How long to go on unasked: later the proxy tells when a request was refused by the app.
    private static let patience = Duration.seconds(600)
    /// How long the port that was chosen may turn out to be a debugger's.
    private static let doubt = Duration.seconds(60)
    /// From this age on an app that doesn't listen is late.
    private static let startTime = Duration.seconds(30)

    /// The port that its names lead to as long as it listens there; nil where it has none.
    package let assigned: Port?
    /// The app's other ports: that it listens there, too, is no move.
    private let others: Set<Port>
    /// Whether it is looked at for as long as it isn't ready.
    private let isAwaited: Bool
    /// Where the names lead.
    package private(set) var current: Port?
    /// Whether it listens on any of its ports, or on one that it was followed to.
    package private(set) var isReady = false
    private var pause = Self.firstPause
    private var openSince: [Port: Instant] = [:]
    /// What was open when `current` was chosen.
    private var known: Set<Port> = []
    private var began: Instant?
    private var end: Instant?
    private var isOver = false

    /// `current` is where the names lead already, if not to `assigned`.
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

    /// Whether it has had its time to listen, and doesn't.
    package func isLate(at now: Instant) -> Bool {
        guard let began, !isReady else { return false }
        return began.duration(to: now) >= Self.startTime
    }

    /// Those of the ports that the app wasn't given, beside the one that its names lead to.
    package func further(_ open: Set<Port>, beside port: Port) -> Set<Port> {
        open.subtracting(others).subtracting([port])
    }

    /// Takes what the app listens on now.
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
        // Among many the youngest may be the server; but one that opens ever new ones has to be
        // judged by those that stay.
        let isComplete = settled == ports || (ages.max() ?? .zero) >= Self.longestPause
        guard isComplete, !settled.isEmpty, settled != known else {
            return .wait(Self.settlingPause)
        }
        return .choose(settled.sorted { $0 == current || $1 != current && $0 < $1 })
    }

    /// The names lead to one of `candidates` now; looks on for a while, in case that is no server.
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

    /// None of the ports spoke HTTP, or the names couldn't be moved: goes on looking.
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
