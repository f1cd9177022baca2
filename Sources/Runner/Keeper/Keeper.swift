import HostSystem
import PortlessCore
import SystemPackage

/// Owns the processes of one app: their pipes, their logs, their ends and their restarts.
///
/// One thread waits for descriptors and deadlines. The keeper doesn't need the server, and exits by
/// itself once none of its processes should run any more.
package final class Keeper {
    typealias Instant = ContinuousClock.Instant

    /// A request whose answer waits until it is complete.
    struct Pending {
        let call: KeeperCall
        let processes: [String]
        /// Set for a request to stop: when the client is told that it isn't done.
        var deadline: Instant?
        let isDone: (KeptProcess) -> Bool
    }

    let folder: KeeperFolder
    let registrar: NameRegistrar
    private let version: String
    let own = ProcessIdentity.current
    var plan: SupervisionPlan
    var processes: [KeptProcess] = []
    var clients: [KeeperClient] = []
    var pending: [Pending] = []
    let cursor = LogCursor()
    private var isStatusDue = true
    private var isRecordDue = false
    private var statusRetry: Instant?
    private var isQuitting = false
    private var lastRequest = Instant.now
    /// When to accept connections again after the system ran out of descriptors.
    private var acceptRetry: Instant?
    let healthAnswers: HealthAnswers
    private let signals: SignalPipe
    private let listener: FileDescriptor
    /// Whether orphaned descendants become our children.
    let seesOrphans: Bool
    private let boot = BootSession.id
    private var poll = Poll()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)

    /// How long the keeper stays without any process, so that a request under way still arrives.
    private static let idleTime = Duration.seconds(5)
    private static let acceptPause = Duration.milliseconds(250)
    /// The descriptors that are reserved for files that are open only for an instant.
    static let spareDescriptors = 24

    /// Runs the keeper of an app's folder until it exits; returns at once where another one runs.
    ///
    /// The starting process gets a report through descriptor 3.
    package static func run(
        _ folder: KeeperFolder,
        registrar: @autoclosure () throws -> NameRegistrar,
        version: String,
    ) throws {
        let starter = FileDescriptor(rawValue: 3)
        let kept: (keeper: Keeper, lock: HeldLock)?
        do {
            try folder.create()
            kept = try lock(folder).map { lock in
                let keeper = try Keeper(folder, registrar: registrar(), version: version)
                try keeper.recover()
                return (keeper, lock)
            }
        } catch {
            StartReport.failed(sentence: "\(error)", remedy: nil).send(to: starter)
            throw error
        }
        StartReport.ready(version: version).send(to: starter)
        try? starter.close()
        guard let kept else { return }
        kept.keeper.runLoop()
        kept.keeper.leave()
        extendLifetime(kept.lock)
    }

    /// Nil where another keeper lives; a process that checks for a keeper holds the lock for an
    /// instant.
    private static func lock(_ folder: KeeperFolder) throws -> HeldLock? {
        for _ in 0..<5 {
            if let lock = try HeldLock.take(at: folder.lock) { return lock }
            SystemClock.sleep(for: .milliseconds(10))
        }
        return nil
    }

    private init(
        _ folder: KeeperFolder,
        registrar: NameRegistrar,
        version: String,
    ) throws {
        self.folder = folder
        self.registrar = registrar
        self.version = version
        guard let plan = try folder.readPlan() else {
            throw KeeperFileError(file: folder.plan, reason: "it isn't there")
        }
        self.plan = plan
        healthAnswers = try HealthAnswers()
        signals = try SignalPipe([
            .childChanged, .hangUp, .interrupt, .terminate, ForegroundRun.lookAgain,
        ])
        seesOrphans = EndedChild.adoptOrphans()
        OpenFileLimit.raise()
        listener = try LocalSocket.listen(in: folder.path, as: KeeperFolder.socketName)
        processes = plan.processes.map {
            KeptProcess($0, limits: plan, folder: folder, cursor: cursor)
        }
    }

    deinit {
        buffer.deallocate()
    }

    // MARK: The loop

    private func runLoop() {
        while true {
            round()
            // Not earlier: the last events have to be written down and reported first.
            if isFinished { return }
            poll.removeAll()
            poll.add(signals.reading, .reading)
            poll.add(healthAnswers.reading, .reading)
            if acceptRetry == nil { poll.add(listener, .reading) }
            for client in clients {
                poll.add(client.socket.descriptor, client.socket.interest)
            }
            for process in processes {
                for pipe in process.outputs { poll.add(pipe.reading, .reading) }
            }
            let ready = poll.wait(timeout: timeout)
            receive(ready)
        }
    }

    /// Acts on all events, until no further action follows.
    private func round() {
        let now = Instant.now
        if let due = acceptRetry, due <= now { acceptRetry = nil }
        passDeadlines(now)
        askForHealth(now)
        startWaiting(now)
        dropRemoved()
        answer(now)
        tell(now)
        for process in processes { flushLog(of: process) }
        for client in clients { client.socket.flush() }
        dropClients()
    }

    private func receive(_ ready: [FileDescriptor: Poll.Interest]) {
        if ready[signals.reading] != nil { handleSignals() }
        if ready[healthAnswers.reading] != nil { takeHealthAnswers() }
        for process in processes { readOutputs(of: process, ready) }
        for client in clients where ready[client.socket.descriptor]?.contains(.reading) == true {
            for json in client.socket.receive(into: buffer) {
                let call = KeeperCall(client: client, id: json["id"]?.integer ?? 0)
                handle(KeeperRequest(json: json), call)
            }
        }
        if ready[listener] != nil { acceptClients() }
    }

    /// Without free descriptors, clients wait for a moment: accepting again at once would only keep
    /// the processor busy.
    private func acceptClients() {
        do {
            try checkRoom()
            while let socket = try LocalSocket.accept(listener) {
                clients.append(KeeperClient(LineSocket(socket)))
                try checkRoom()
            }
        } catch {
            acceptRetry = .now.advanced(by: Self.acceptPause)
        }
    }

    private func handleSignals() {
        let received = signals.received()
        if received.contains(.terminate) || received.contains(.interrupt) { quit() }
        if received.contains(ForegroundRun.lookAgain) { lookAgain(.now) }
        // Children may have exited whichever signal came: a full pipe drops signals.
        collectEnded()
    }

    /// Ends all processes, then the keeper itself.
    func quit() {
        isQuitting = true
        for process in processes { perform(process.life.stop(now: .now), on: process) }
    }

    /// The earliest deadline.
    private var timeout: Duration? {
        var deadlines = processes.compactMap(\.deadline)
        deadlines += [statusRetry, acceptRetry].compactMap(\.self)
        deadlines += pending.compactMap(\.deadline)
        // The keeper doesn't exit before pending output is written, and has to wait for that.
        if isIdle, !isStatusDue, !hasAnswersToSend {
            deadlines.append(lastRequest.advanced(by: Self.idleTime))
        }
        return deadlines.min().map { max(.zero, Instant.now.duration(to: $0)) }
    }

    private var isIdle: Bool {
        pending.isEmpty && processes.allSatisfy { $0.life.isResting && $0.root == nil }
    }

    private var hasAnswersToSend: Bool { clients.contains(where: \.socket.hasOutput) }

    private var isFinished: Bool {
        guard isIdle, !isStatusDue || isQuitting else { return false }
        guard !hasAnswersToSend else { return false }
        return isQuitting || lastRequest.duration(to: .now) >= Self.idleTime
    }

    func noteRequest() { lastRequest = .now }

    // MARK: Reporting

    /// Writes the status and sends the changes to watchers.
    private func tell(_ now: Instant) {
        for process in processes {
            let snapshot = process.snapshot(now: now)
            guard snapshot != process.told else { continue }
            process.told = snapshot
            isStatusDue = true
            for client in clients where client.watches { client.send(.process(snapshot)) }
        }
        guard isStatusDue, statusRetry.map({ $0 <= now }) ?? true else { return }
        if isRecordDue { writeRecord() }
        do {
            try folder.write(
                KeeperStatus(processes: processes.compactMap(\.told), boot: boot)
            )
            isStatusDue = isRecordDue
            statusRetry = isRecordDue ? now.advanced(by: .seconds(1)) : nil
        } catch {
            // A full disk is no reason to stop, since watchers get the truth by the socket. Without
            // the folder the app is gone, and there is no reader left.
            isStatusDue = (try? FileStatus.of(folder.path)) != nil
            statusRetry = isStatusDue ? now.advanced(by: .seconds(1)) : nil
        }
    }

    /// The plan has changed: watchers get the whole status.
    func tellAll() {
        isStatusDue = true
        let now = Instant.now
        let all = processes.map { $0.snapshot(now: now) }
        for client in clients where client.watches { client.send(.status(all)) }
    }

    private func dropClients() {
        for client in clients where client.socket.isGone { client.socket.close() }
        clients.removeAll(where: \.socket.isGone)
    }

    private func leave() {
        for process in processes { flushLog(of: process) }
        try? FileSystem.removeFile(folder.record)
        try? FileSystem.removeFile(folder.path.appending(KeeperFolder.socketName))
        for client in clients { client.socket.close() }
    }

    /// Takes over the processes of an earlier keeper, then records who the keeper is.
    private func recover() throws {
        let predecessor = try folder.readKeeper()
        let status = try folder.readStatus()
        for process in processes {
            let old = status?.processes.first { $0.name == process.name }
            // A process that was spawned last may be missing from the status.
            let spawned = announced(process)
            guard old != nil || spawned != nil else { continue }
            restore(
                process,
                from: old ?? SupervisedProcess(name: process.name, state: .notStarted),
                spawned: spawned,
                predecessor: predecessor,
                boot: status?.boot,
            )
        }
        writeRecord()
    }

    /// Records the keeper's identity, by which the server notices that a keeper was killed.
    private func writeRecord() {
        isRecordDue = (try? folder.writeKeeper(own, version: version)) == nil
    }
}

/// A server at the other end of a keeper's connection.
final class KeeperClient {
    let socket: LineSocket
    /// Whether it watches every change.
    var watches = false
    /// Whether it follows each new line.
    var follows = false

    init(_ socket: LineSocket) {
        self.socket = socket
    }

    func send(_ message: KeeperMessage) {
        socket.send(message.json)
    }
}
