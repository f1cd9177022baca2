import HostSystem
import PortlessCore

/// One process of a keeper: its plan, its running process and its output.
final class KeptProcess {
    typealias Instant = ContinuousClock.Instant

    var plan: PlannedProcess
    var life: ProcessLife
    var log: ProcessLog
    /// The process itself; nil while none runs.
    var root: ProcessIdentity?
    /// Whether the kernel reports its exit to us, its parent; otherwise the keeper polls.
    var isChild = true
    /// The group that its program was started in.
    var lastGroup: Int32?
    /// Whether an earlier keeper spawned it.
    var wasRecovered = false
    var startedAt: Timestamp?
    var startInstant: Instant?
    var lastExit: ProcessExit?
    var outputs: [OutputPipe] = []
    /// All descendants ever seen; some lose their parents on the way.
    var known: Set<ProcessIdentity> = []
    /// Set while it runs, if it has ports to listen on.
    var follower: PortFollower?
    /// Set while it runs, if it has a health check.
    var health: HealthWatch?
    /// Set while its names are registered.
    var names: RegisteredNames?
    /// The programs that have its ports, for which it waits.
    var holders: [Port: String] = [:]
    var nextLook: Instant?
    var nextMemoryLook: Instant?
    var nextSurvivorLook: Instant?
    /// When to try again to open its output.
    var nextReopening: Instant?
    /// False once a new plan is without it.
    var isPlanned = true
    /// The state that watchers know.
    var told: SupervisedProcess?

    init(
        _ plan: PlannedProcess,
        limits: SupervisionPlan,
        folder: KeeperFolder,
        cursor: LogCursor,
    ) {
        self.plan = plan
        life = ProcessLife(plan)
        folder.renameOlderFiles(of: plan.name)
        let file = LogFile(path: folder.log(of: plan.name), process: plan.name)
        if let last = file.lastCursor { cursor.advance(past: last) }
        log = ProcessLog(file.path, plan: plan, limits: limits, cursor: cursor)
    }

    var name: String { plan.name }

    /// When it has to be asked for its health: not before it listens.
    var nextHealthLook: Instant? {
        root != nil && !life.runsUnready && !life.isLate ? health?.next : nil
    }

    /// When the keeper has to look at it again without an event.
    var deadline: Instant? {
        [life.deadline, nextLook, nextMemoryLook, nextSurvivorLook, nextReopening, nextHealthLook]
            .compactMap(\.self).min()
    }

    /// Takes over the running process of an older plan.
    func succeed(_ old: KeptProcess, now: Instant) {
        outputs = old.outputs
        old.outputs = []
        lastExit = old.lastExit
        life.restore(
            old.life.isResting ? old.life.state(now: now) : .stopped,
            restarts: old.life.restarts,
            unstableRestarts: 0,
            reason: old.life.reason,
        )
        guard old.root != nil else { return }
        root = old.root
        isChild = old.isChild
        lastGroup = old.lastGroup
        wasRecovered = old.wasRecovered
        known = old.known
        startedAt = old.startedAt
        startInstant = old.startInstant
        health = plan.health == old.plan.health ? old.health : nil
        life.spawned(isReady: true, now: old.startInstant ?? now)
    }

    /// The ports without the names that other apps have.
    private var urls: [String] {
        guard let missing = names?.missing, !missing.isEmpty else { return plan.urls }
        let hosts = Set(missing.map(\.description))
        return plan.urls.filter { url in
            let authority = url.split(separator: "://", maxSplits: 1).last ?? ""
            return !hosts.contains(String(authority.prefix { !":/?#".contains($0) }))
        }
    }

    func snapshot(now: Instant) -> SupervisedProcess {
        var process = SupervisedProcess(
            name: plan.name,
            state: life.state(now: now),
            ports: plan.ports,
            primaryPort: names?.port ?? follower?.watch.current ?? plan.primaryPort,
            urls: urls,
        )
        process.identity = root
        process.startedAt = root == nil ? nil : startedAt
        process.restarts = life.restarts
        process.unstableRestarts = life.unstableRestarts
        process.lastExit = lastExit
        process.reason = life.reason
        process.waitsFor = life.isWaiting ? life.awaited : nil
        process.isHeldUp = life.isHeldUp
        process.heldPort = life.isHeldUp ? holders.keys.min() : nil
        process.health = root == nil ? nil : health?.health
        return process
    }
}
