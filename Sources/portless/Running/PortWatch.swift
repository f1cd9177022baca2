import PortlessCore

/// Decides, from what an app's processes listen on, where its names have to lead.
///
/// Looks often at first and ever more seldom: an app that listens where it was told to is found
/// at once, and one that never listens costs next to nothing.
struct PortWatch {
    enum Verdict: Equatable {
        /// Look again after this long.
        case wait(Duration)
        /// The app listens where it was told to.
        case asAssigned
        /// It listens only on these; whichever speaks HTTP is meant.
        case elsewhere([Port])
    }

    private static let firstPause = Duration.milliseconds(40)
    private static let longestPause = Duration.seconds(5)
    /// How long another port may be all there is: debuggers and tools of the build listen before
    /// the server itself does.
    private static let settling = Duration.milliseconds(1500)

    let assigned: Port
    private var pause = Self.firstPause
    private var seen: Set<Port> = []
    private var stableFor = Duration.zero

    init(assigned: Port) {
        self.assigned = assigned
    }

    /// Takes what the app listens on now.
    mutating func observe(_ ports: Set<Port>) -> Verdict {
        if ports.contains(assigned) { return .asAssigned }
        guard !ports.isEmpty else {
            defer { pause = min(pause * 3 / 2, Self.longestPause) }
            (seen, stableFor) = ([], .zero)
            return .wait(pause)
        }
        if ports == seen { stableFor += Self.settling / 5 } else { stableFor = .zero }
        seen = ports
        return stableFor >= Self.settling ? .elsewhere(ports.sorted()) : .wait(Self.settling / 5)
    }

    /// None of the ports spoke HTTP: goes on looking.
    mutating func notServing() -> Verdict {
        (seen, stableFor) = ([], .zero)
        pause = Self.longestPause
        return .wait(pause)
    }
}
