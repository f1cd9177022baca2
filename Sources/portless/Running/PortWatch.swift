import PortlessCore

/// Decides, from what an app's processes listen on, where its names have to lead.
///
/// Looks often at first and ever more seldom, and in the end not at all until somebody asks: an app
/// that listens where it was told to is found at once, and one that never listens costs nothing.
struct PortWatch {
    typealias Instant = ContinuousClock.Instant

    enum Verdict: Equatable {
        /// Look again after this long.
        case wait(Duration)
        /// Nothing is left to be seen until somebody asks again.
        case settled
        /// The names belong on the port that the app was given, and lead elsewhere.
        case moveToAssigned
        /// The app listens only on these, the likeliest first; whichever speaks HTTP is meant.
        case choose([Port])
    }

    private static let firstPause = Duration.milliseconds(40)
    private static let longestPause = Duration.seconds(5)
    private static let settlingPause = Duration.milliseconds(300)
    /// How long another port has to be open: debuggers and tools of the build listen before the
    /// server itself does.
    private static let settling = Duration.milliseconds(1500)
    /// How long to go on unasked: later the proxy tells when somebody wants an app that refuses.
    private static let patience = Duration.seconds(600)
    /// How long the port that was chosen may turn out to be a debugger's.
    private static let doubt = Duration.seconds(60)

    let assigned: Port
    /// Where the names lead.
    private(set) var current: Port
    private var pause = Self.firstPause
    private var openSince: [Port: Instant] = [:]
    /// What was open when `current` was chosen.
    private var known: Set<Port> = []
    private var end: Instant?
    private var isOver = false

    init(assigned: Port) {
        self.assigned = assigned
        current = assigned
    }

    /// Takes what the app listens on now.
    mutating func observe(_ ports: Set<Port>, now: Instant) -> Verdict {
        if isOver { start() }
        let end = self.end ?? now.advanced(by: Self.patience)
        self.end = end
        openSince = openSince.filter { ports.contains($0.key) }
        for port in ports where openSince[port] == nil { openSince[port] = now }
        if ports.contains(assigned) {
            guard current == assigned else { return .moveToAssigned }
            return finish()
        }
        guard now < end else { return finish() }
        if ports.isEmpty || ports.contains(current) && ports == known { return waitLonger() }
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
    mutating func moved(to port: Port, among candidates: [Port], now: Instant) -> Verdict {
        known = Set(candidates)
        if port != current {
            current = port
            end = now.advanced(by: Self.doubt)
        }
        guard port != assigned else { return finish() }
        pause = Self.settlingPause
        return waitLonger()
    }

    /// None of the ports spoke HTTP: goes on looking.
    mutating func notServing() -> Verdict {
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
