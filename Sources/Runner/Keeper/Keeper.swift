import HostSystem
import PortlessCore
import SystemPackage

/// Owns the processes of one app: their pipes, their logs, their ends and their restarts.
///
/// One thread waits for descriptors and deadlines; nothing else happens. It needs the server for
/// nothing, and ends by itself once none of its processes is to run any more.
package final class Keeper {
    typealias Instant = ContinuousClock.Instant

    /// A request that is answered once it is done.
    struct Pending {
        let call: KeeperCall
        let processes: [String]
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
    /// When connections are taken again after descriptors had run out.
    private var acceptRetry: Instant?
    private let signals: SignalPipe
    private let listener: FileDescriptor
    /// Whether what loses its parent becomes our child.
    let seesOrphans: Bool
    private let boot = BootSession.id
    private var poll = Poll()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)

    /// How long it stays without anything to keep, so that a request that is on its way arrives.
    private static let idleTime = Duration.seconds(5)
    private static let acceptPause = Duration.milliseconds(250)
    /// So many descriptors stay free for files that are open only for an instant.
    static let spareDescriptors = 24

    /// Runs the keeper of an app's folder to its end; returns at once where there is one already.
    ///
    /// The process that started it gets a report through descriptor 3.
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
                let keeper = try Keeper(folder, registrar(), version)
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

    /// Nil where another keeper lives; a process that only looks whether one does holds it for an instant.
    private static func lock(_ folder: KeeperFolder) throws -> HeldLock? {
        for _ in 0..<5 {
            if let lock = try HeldLock.take(at: folder.lock) { return lock }
            SystemClock.sleep(for: .milliseconds(10))
        }
        return nil
    }

    private init(
        _ folder: KeeperFolder,
        _ registrar: NameRegistrar,
        _ version: String,
    ) throws {
        self.folder = folder
        self.registrar = registrar
        self.version = version
        guard let plan = try folder.readPlan() else {
            throw KeeperFileError(file: folder.plan, reason: "it isn't there")
        }
        self.plan = plan
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
            // Not before: what was received last has to be written down and told.
            if isFinished { return }
            poll.removeAll()
            poll.add(signals.reading, .reading)
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

    /// All that follows from what has happened, until nothing follows any more.
    private func round() {
        let now = Instant.now
        if let due = acceptRetry, due <= now { acceptRetry = nil }
        passDeadlines(now)
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
        for process in processes { readOutputs(of: process, ready) }
        for client in clients where ready[client.socket.descriptor]?.contains(.reading) == true {
            for json in client.socket.receive(into: buffer) {
                let call = KeeperCall(client: client, id: json["id"]?.integer ?? 0)
                handle(KeeperRequest(json: json), call)
            }
        }
        if ready[listener] != nil { acceptClients() }
    }

    /// Where descriptors have run out, those who wait are left to wait for a moment: a listener that
    /// is asked again at once would be ready again at once.
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
        // Whatever was received, children may have ended: a full pipe drops signals.
        collectEnded()
    }

    /// Ends everything, and then itself.
    func quit() {
        isQuitting = true
        for process in processes { perform(process.life.stop(now: .now), on: process) }
    }

    /// The earliest of all that has to be looked at.
    private var timeout: Duration? {
        var deadlines = processes.compactMap(\.deadline)
        deadlines += [statusRetry, acceptRetry].compactMap(\.self)
        // With something still to write or to send it doesn't end then, and has to wait for that.
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

    // MARK: Telling

    /// Writes and tells what has changed.
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
            // A full disk is no reason to stop; the socket tells the truth meanwhile. Where the
            // folder is gone, so is the app, and there is no reader left.
            isStatusDue = (try? FileStatus.of(folder.path)) != nil
            statusRetry = isStatusDue ? now.advanced(by: .seconds(1)) : nil
        }
    }

    /// The plan has changed: watchers need all of it.
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

    /// Takes over what an earlier keeper left, then says who the keeper is.
    private func recover() throws {
        let predecessor = try folder.readKeeper()
        let status = try folder.readStatus()
        for process in processes {
            let old = status?.processes.first { $0.name == process.name }
            // One that was spawned at the last moment isn't in the status yet.
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

    /// Says who the keeper is, for the server that looks for one that was killed.
    private func writeRecord() {
        isRecordDue = (try? folder.writeKeeper(own, version: version)) == nil
    }
}

/// A server at the other end of a keeper's connection.
final class KeeperClient {
    let socket: LineSocket
    /// Wants to hear of every change.
    var watches = false
    /// Wants each new line.
    var follows = false

    init(_ socket: LineSocket) {
        self.socket = socket
    }

    func send(_ message: KeeperMessage) {
        socket.send(message.json)
    }
}
