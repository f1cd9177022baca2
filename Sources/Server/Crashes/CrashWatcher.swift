import HostSystem
import Machine
import PortlessCore
import SystemPackage

/// Looks at the crashes that keepers record, adds what takes other programs, and tells the clients.
///
/// A record that was written while no server ran is looked at by the next one.
actor CrashWatcher {
    /// A process that has been online for this long runs well.
    private static let goodAfter = Duration.seconds(5)
    private static let pause = Duration.milliseconds(500)
    private static let lockPause = Duration.milliseconds(200)
    private static let mostWaiting = 16

    let services: ServerServices
    let streams: OpenStreams
    let features: FeatureListeners
    nonisolated let store: CrashStore
    private var examined: Set<String> = []
    /// The processes whose commit is noted once they have been online for a while.
    private var promising: [String: ProcessIdentity] = [:]
    /// The crashes that wait for autofix, which works on one at a time.
    private let queue: AsyncStream<CrashRecord>
    private let waiting: AsyncStream<CrashRecord>.Continuation
    /// Crashes whose patches are being applied.
    private var applying: Set<String> = []
    /// Held by the server that works on the crashes.
    private var lock: HeldLock?

    init(services: ServerServices, streams: OpenStreams, features: FeatureListeners) {
        self.services = services
        self.streams = streams
        self.features = features
        store = CrashStore(directory: services.directory)
        (queue, waiting) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingNewest(Self.mostWaiting)
        )
    }

    // MARK: Settings

    nonisolated func settings() throws -> CrashSettings { try store.settings() }

    func change(_ body: (inout CrashSettings) -> Void) async throws -> CrashSettings {
        var settings = try store.settings()
        body(&settings)
        try store.write(settings)
        await openPorts(settings)
        streams.publish(ServerSentEvent("crashes", .object([:])))
        return settings
    }

    /// The watcher's ports are open while it is on.
    private func openPorts(_ settings: CrashSettings) async {
        if settings.isOn {
            await features.use(.crashes)
        } else {
            await features.end(.crashes)
        }
    }

    // MARK: Following

    /// Works until the task is cancelled.
    func run() async {
        do {
            lock = try await takeLock()
        } catch {
            return
        }
        defer { lock = nil }
        if let settings = try? store.settings() { await openPorts(settings) }
        await withDiscardingTaskGroup { group in
            let begun = store.records().reversed()
            for record in begun where record.patch?.state == .applying {
                applying.insert(record.id)
                group.addTask { await self.finishApplying(record) }
            }
            for record in begun where record.patch?.state == .waiting { enqueue(record) }
            group.addTask { await self.fixAll() }
            while !Task.isCancelled {
                let events = await services.supervisor.events()
                await look()
                for app in await services.supervisor.apps() {
                    for process in app.processes { await note(process, of: app, in: &group) }
                }
                for await event in events {
                    guard case .process(let name, let process) = event else { continue }
                    // The keeper has written the record before it tells of the end.
                    if process.lastExit != nil || process.state == .errored { await look() }
                    guard process.state == .online,
                        let app = try? await services.supervisor.app(name)
                    else { continue }
                    await note(process, of: app, in: &group)
                }
                // The stream ended because we didn't keep up.
                guard (try? await Task.sleep(for: Self.pause)) != nil else { break }
            }
            waiting.finish()
            group.cancelAll()
        }
    }

    /// Waits for the server that hands over to this one; nil where files can't be locked.
    private func takeLock() async throws(CancellationError) -> HeldLock? {
        while true {
            do {
                if let lock = try store.takeLock() { return lock }
            } catch {
                return nil
            }
            guard (try? await Task.sleep(for: Self.lockPause)) != nil else {
                throw CancellationError()
            }
        }
    }

    /// Examines the new records, oldest first.
    private func look() async {
        let ids = store.ids()
        examined.formIntersection(ids)
        for id in ids.reversed() where !examined.contains(id) {
            examined.insert(id)
            guard var record = store.record(id), !record.isExamined else { continue }
            record.repository = await repository.state(for: record)
            record.isExamined = true
            try? store.update(record)
            publish(record)
            let settings = try? store.settings()
            guard settings?.isOn == true, settings?.autofix != nil else { continue }
            guard autofix.isDue(record) else {
                skip(record)
                continue
            }
            tell(&record, .waiting, "It waits for autofix.")
            enqueue(record)
        }
    }

    private func enqueue(_ record: CrashRecord) {
        guard case .dropped(var dropped) = waiting.yield(record) else { return }
        tell(
            &dropped,
            .skipped,
            "More than \(Self.mostWaiting) crashes waited for autofix, so it doesn't try this one.",
        )
    }

    private nonisolated func skip(_ record: CrashRecord) {
        var record = record
        let minutes = CrashSettings.cooldown.components.seconds / 60
        tell(
            &record,
            .skipped,
            """
            Autofix has worked on a crash of \(record.process) in the last \(minutes) minutes, so \
            it doesn't try this one.
            """,
        )
    }

    private var repository: CrashRepository {
        CrashRepository(runner: services.runner, store: store)
    }

    /// Notes the commit of a process once it runs well.
    private func note(
        _ process: SupervisedProcess,
        of app: SupervisedApp,
        in group: inout DiscardingTaskGroup,
    ) async {
        let key = "\(app.name)/\(process.name)"
        guard process.state == .online, let identity = process.identity,
            promising[key] != identity, (try? store.settings())?.isOn == true
        else { return }
        promising[key] = identity
        group.addTask { await self.awaitGood(process, of: app, identity) }
    }

    private func awaitGood(
        _ process: SupervisedProcess,
        of app: SupervisedApp,
        _ identity: ProcessIdentity,
    ) async {
        guard (try? await Task.sleep(for: Self.goodAfter)) != nil else { return }
        let now = try? await services.supervisor.app(app.name).process(process.name)
        guard now?.state == .online, now?.identity == identity,
            let head = await repository.head(of: app.directory)
        else { return }
        try? store.note(.init(head: head, time: .now), of: app.name, process.name)
    }

    // MARK: Records

    /// Replaces a record and tells the clients.
    nonisolated func update(_ record: CrashRecord) {
        try? store.update(record)
        publish(record)
    }

    /// Notes what becomes of a record's patch.
    nonisolated func tell(
        _ record: inout CrashRecord,
        _ state: CrashPatch.State,
        _ sentence: String,
    ) {
        var patch = CrashPatch(state, sentence.visibleLine, at: .now)
        patch.files = record.patch?.files ?? []
        patch.bytes = record.patch?.bytes
        patch.job = record.patch?.job
        record.patch = patch
        update(record)
    }

    private nonisolated func publish(_ record: CrashRecord) {
        streams.publish(
            ServerSentEvent(
                "crash",
                .object(["id": .string(record.id), "crash": record.entry]),
            )
        )
    }

    nonisolated func record(_ id: String) throws(Problem) -> CrashRecord {
        guard let record = store.record(id) else {
            throw .notFound("There is no crash \(id). `portless crashes` lists them.")
        }
        return record
    }

    /// Removes a record, unless its patch is under way.
    func remove(_ id: String) throws(Problem) {
        guard !isUnderWay(id) else { throw Self.underWay }
        store.remove(id)
        streams.publish(ServerSentEvent("crashes", .object([:])))
    }

    /// Removes all records but those whose patches are under way.
    func removeAll() {
        for id in store.ids() where !isUnderWay(id) { store.remove(id) }
        streams.publish(ServerSentEvent("crashes", .object([:])))
    }

    private func isUnderWay(_ id: String) -> Bool {
        applying.contains(id) || store.record(id)?.patch?.state.isUnderWay == true
    }

    private static let underWay = Problem(
        409,
        code: "PATCH_UNDER_WAY",
        "The crash's patch is being made or applied: wait until that is done.",
    )

    // MARK: Patches

    private func fixAll() async {
        for id in await autofix.resume() { await applyVerified(id) }
        for await waiting in queue {
            guard !Task.isCancelled else { return }
            // It may have been removed meanwhile.
            guard var record = store.record(waiting.id), record.patch?.state == .waiting else {
                continue
            }
            guard let settings = (try? store.settings())?.autofix else {
                tell(&record, .skipped, "Autofix was turned off before it had begun.")
                continue
            }
            guard autofix.isDue(record) else {
                skip(record)
                continue
            }
            await autofix.fix(record, settings)
            await applyVerified(record.id)
        }
    }

    private nonisolated var autofix: Autofix { Autofix(watcher: self, services: services) }

    private func applyVerified(_ id: String) async {
        guard let record = store.record(id), record.patch?.state == .staged,
            let settings = (try? store.settings())?.autofix, settings.apply == .verified,
            settings.verify != nil
        else { return }
        _ = try? await apply(record)
    }

    /// Applies a staged patch and restarts the process; the patch is taken back if that fails.
    func apply(_ record: CrashRecord) async throws -> CrashRecord {
        guard applying.insert(record.id).inserted else {
            throw Problem(409, code: "PATCH_CONFLICT", "The patch is being applied already.")
        }
        defer { applying.remove(record.id) }
        let lock = try heldLock()
        // It may have been removed meanwhile.
        return try await PatchApplication(watcher: self, services: services, lock: lock)
            .apply(self.record(record.id))
    }

    /// Goes on with a patch that an earlier server was applying.
    private func finishApplying(_ record: CrashRecord) async {
        defer { applying.remove(record.id) }
        await PatchApplication(watcher: self, services: services, lock: lock).resume(record)
    }

    /// Nil where files can't be locked.
    private func heldLock() throws(Problem) -> HeldLock? {
        if let lock { return lock }
        let taken: HeldLock?
        do {
            taken = try store.takeLock()
        } catch {
            return nil
        }
        guard let taken else {
            throw Problem(
                503,
                code: "NOT_READY",
                "Another server still works on the crashes. Try again in a moment.",
            )
        }
        return taken
    }

    /// Removes a staged patch.
    func discard(_ id: String) throws -> CrashRecord {
        guard !applying.contains(id) else { throw Self.underWay }
        var record = try record(id)
        guard record.patch?.state == .staged else {
            throw Problem(409, code: "NO_PATCH", "No patch waits for this crash.")
        }
        try FileSystem.removeFile(store.patchFile(id))
        record.patch = CrashPatch(.discarded, "The patch was discarded.", at: .now)
        update(record)
        return record
    }
}
