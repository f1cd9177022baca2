import HostSystem
import Logging
import NIOCore

/// The beginning of a wait: the number of sweeps, and of other waits, before it.
struct Moment {
    var sweep = 0
    var order = 0
}

/// All client connections of one event loop, with the deadlines of their waits.
///
/// Confined to its event loop.
final class ClientConnections {
    private let eventLoop: any EventLoop
    private let limits: ClientLimits
    private let logger: Logger
    private var open: [ObjectIdentifier: any ClientConnection] = [:]
    /// Connections and streams, and their maximum since memory was last returned.
    private var load = 0
    private var peak = 0
    private var nextSweep: Scheduled<Void>?
    /// Counts sweeps and waits: the clock of all deadlines, which costs a request next to nothing.
    private var now = Moment()
    private var isHandedOver = false
    private var hasWarned = false
    /// The bytes kept for clients that don't read, and their maximum since memory was last
    /// returned.
    private var unreadBytes = 0
    private var unreadPeak = 0
    private var isShedding = false

    init(eventLoop: any EventLoop, limits: ClientLimits, logger: Logger) {
        self.eventLoop = eventLoop
        self.limits = limits
        self.logger = logger
    }

    var count: Int { open.count }
    var isSweeping: Bool { nextSweep != nil }

    func opened(_ connection: any ClientConnection) {
        open[ObjectIdentifier(connection)] = connection
        addLoad(1)
        // Accepted before the listeners were closed, but its first bytes came only now.
        if isHandedOver { connection.shutDownGracefully(closesIdle: false) }
    }

    func closed(_ connection: any ClientConnection) {
        open[ObjectIdentifier(connection)] = nil
        load -= 1
        hold(-connection.unreadBytes)
    }

    /// Counts streams of a session that were opened, or have ended.
    func addLoad(_ change: Int) {
        load += change
        peak = max(peak, load)
    }

    /// Lets connections end after their present exchanges, and closes the idle ones.
    func shutDownGracefully() {
        for connection in open.values { connection.shutDownGracefully(closesIdle: true) }
    }

    /// Lets each connection get the answer to its next request, and none after that.
    func handOver() {
        isHandedOver = true
        for connection in open.values { connection.shutDownGracefully(closesIdle: false) }
    }

    func closeAll() {
        nextSweep?.cancel()
        nextSweep = nil
        for connection in open.values { connection.closeNow() }
    }

    // MARK: Deadlines

    /// The moment of a wait's beginning; schedules a sweep.
    func beginWait() -> Moment {
        if nextSweep == nil { scheduleSweep() }
        now.order += 1
        return now
    }

    private func scheduleSweep() {
        nextSweep = eventLoop.assumeIsolated().scheduleTask(in: limits.sweep) { self.sweep() }
    }

    /// Runs only while a connection has a deadline, so that an idle proxy sleeps.
    private func sweep() {
        nextSweep = nil
        now.sweep += 1
        var hasDeadlines = false
        for connection in open.values {
            if connection.sweep() { hasDeadlines = true }
            guard let wait = connection.wait else { continue }
            hasDeadlines = true
            if isOver(wait) { connection.expire() }
        }
        giveMemoryBack()
        if hasDeadlines, nextSweep == nil { scheduleSweep() }
    }

    /// A wait may have begun right before the next sweep, so the first one doesn't count.
    func isOver(_ wait: ClientWait) -> Bool {
        Int64(now.sweep - wait.since.sweep - 1) * limits.sweep.nanoseconds >= wait.limit.nanoseconds
    }

    /// After a burst of connections or unread answers, malloc keeps their memory: tens of MiB for
    /// some hundreds.
    private func giveMemoryBack() {
        let hasFewer = peak >= 64 && load < peak / 4
        let keepsLess = unreadPeak >= 4 * 1024 * 1024 && unreadBytes < unreadPeak / 4
        guard hasFewer || keepsLess else { return }
        peak = load
        unreadPeak = unreadBytes
        UnusedMemory.giveBack()
    }

    // MARK: Memory

    /// Counts the change of the bytes kept for a client that doesn't read.
    func hold(_ change: Int) {
        unreadBytes += change
        unreadPeak = max(unreadPeak, unreadBytes)
        guard change > 0, unreadBytes > limits.unreadBytes, !isShedding else { return }
        isShedding = true
        // Not in the middle of a connection's work.
        eventLoop.assumeIsolated().execute { self.shedUnread() }
    }

    /// Closes the clients that haven't read for longest, until the others have room.
    private func shedUnread() {
        isShedding = false
        let idlers = open.values.filter { $0.unreadBytes >= ClientLimits.unreadFloor }
            .sorted { $0.lastMovement.order < $1.lastMovement.order }
        var excess = unreadBytes - limits.unreadBytes / 4 * 3
        for connection in idlers where excess > 0 {
            excess -= connection.unreadBytes
            connection.expire()
        }
    }

    // MARK: Descriptors

    /// Closes the connections that have waited longest until there are descriptors for one more;
    /// false where all connections are at work.
    func makeRoom() -> Bool {
        while !limits.hasDescriptors() {
            warn()
            guard let (id, connection) = longestWaiting else { return false }
            // At once, because its handlers are removed only in the event loop's next turn.
            open[id] = nil
            connection.expire()
        }
        return true
    }

    private var longestWaiting: (ObjectIdentifier, any ClientConnection)? {
        var found: (id: ObjectIdentifier, connection: any ClientConnection, order: Int)?
        for (id, connection) in open {
            guard let order = connection.wait?.since.order else { continue }
            if let found, found.order < order { continue }
            found = (id, connection, order)
        }
        return found.map { ($0.id, $0.connection) }
    }

    /// Only once, because a crowd of clients would fill the log.
    private func warn() {
        guard !hasWarned else { return }
        hasWarned = true
        logger.warning(
            """
            \(open.count) connections are open and the limit of open files is near, so those that \
            have been idle longest are closed. `ulimit -n` raises the limit.
            """
        )
    }
}
