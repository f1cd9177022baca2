import HostSystem
import Logging
import NIOCore

/// When a wait began: after how many sweeps, and after how many other waits.
struct Moment {
    var sweep = 0
    var order = 0
}

/// The clients' connections of one event loop, from accepting on, and for how long each is waited
/// for.
///
/// Confined to its event loop.
final class ClientConnections {
    private let eventLoop: any EventLoop
    private let limits: ClientLimits
    private let logger: Logger
    private var open: [ObjectIdentifier: any ClientConnection] = [:]
    /// Connections and streams, and the most of them since memory was last given back.
    private var load = 0
    private var peak = 0
    private var nextSweep: Scheduled<Void>?
    /// Counts sweeps and waits: the clock of all deadlines, which costs a request next to nothing.
    private var now = Moment()
    private var isHandedOver = false
    private var hasWarned = false
    /// What is kept for clients that don't read, and the most of it since memory was given back.
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
        // Accepted before the listeners were closed, but only now known by its first bytes.
        if isHandedOver { connection.shutDownGracefully(closesIdle: false) }
    }

    func closed(_ connection: any ClientConnection) {
        open[ObjectIdentifier(connection)] = nil
        load -= 1
        hold(-connection.unreadBytes)
    }

    /// So many streams of a session were opened, or have ended.
    func addLoad(_ change: Int) {
        load += change
        peak = max(peak, load)
    }

    /// Lets connections end after what they are at, and closes the idle ones.
    func shutDownGracefully() {
        for connection in open.values { connection.shutDownGracefully(closesIdle: true) }
    }

    /// Lets every connection have the answer to what it asks next, and none after that.
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

    /// The moment at which a wait begins; from now on there are sweeps.
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

    /// After a burst of connections, or of answers that weren't read, malloc keeps what they used:
    /// tens of MiB for some hundreds.
    private func giveMemoryBack() {
        let hasFewer = peak >= 64 && load < peak / 4
        let keepsLess = unreadPeak >= 4 * 1024 * 1024 && unreadBytes < unreadPeak / 4
        guard hasFewer || keepsLess else { return }
        peak = load
        unreadPeak = unreadBytes
        UnusedMemory.giveBack()
    }

    // MARK: Memory

    /// So many bytes more, or fewer, are kept for a client that doesn't read.
    func hold(_ change: Int) {
        unreadBytes += change
        unreadPeak = max(unreadPeak, unreadBytes)
        guard change > 0, unreadBytes > limits.unreadBytes, !isShedding else { return }
        isShedding = true
        // Not in the middle of what a connection is at.
        eventLoop.assumeIsolated().execute { self.shedUnread() }
    }

    /// Closes the clients that have read nothing for longest, until the others have room.
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

    /// Closes what has waited longest until there are descriptors for one more connection; false
    /// where all connections are at work.
    func makeRoom() -> Bool {
        while !limits.hasDescriptors() {
            warn()
            guard let (id, connection) = longestWaiting else { return false }
            // Before its handlers are removed, which takes a turn of the event loop.
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

    /// Once, because a crowd would fill the log.
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
