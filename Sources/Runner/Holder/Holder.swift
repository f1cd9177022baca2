package import HostSystem
import PortlessCore
package import SystemPackage

/// Owns the listening sockets of a daemon and keeps a daemon running on them.
///
/// The sockets stay open whatever happens to the daemon: connections wait in their queues until
/// the next one accepts them. `HolderPolicy` decides; this waits for descriptors on one thread and
/// carries out. It has no part in what the daemon does, so that nothing from outside reaches it.
package final class Holder {
    /// What a holder is made of.
    package struct Configuration {
        /// Runs the daemon, with `arguments` that make it one which is held.
        package var executable: FilePath
        package var arguments: [String]
        package var environment: [String: String]
        package var sockets: [FileDescriptor]
        /// The daemon holds it, too: it is free once nothing has the sockets open any more.
        package var lock: HeldLock
        /// Gets what the daemon writes; nil: this process's own output.
        package var log: FilePath?
        /// The folder and the name of the socket at which commands ask for a replacement.
        package var folder: FilePath
        package var socketName: String
        /// Called once, when the first daemon serves or has failed.
        package var report: (StartReport) -> Void
        /// Called at each death of a daemon, before the next start.
        package var noteDeath: (DaemonDeath) -> Void

        package init(
            executable: FilePath,
            arguments: [String],
            environment: [String: String],
            sockets: [FileDescriptor],
            lock: HeldLock,
            log: FilePath?,
            folder: FilePath,
            socketName: String,
            report: @escaping (StartReport) -> Void,
            noteDeath: @escaping (DaemonDeath) -> Void,
        ) {
            self.executable = executable
            self.arguments = arguments
            self.environment = environment
            self.sockets = sockets
            self.lock = lock
            self.log = log
            self.folder = folder
            self.socketName = socketName
            self.report = report
            self.noteDeath = noteDeath
        }
    }

    private struct Daemon {
        let process: ChildProcess
        /// Where the daemon says that it serves; its end tells the daemon that the holder is gone.
        let channel: LineSocket
    }

    /// The longest queue of commands that ask at once.
    private static let mostClients = 16
    /// How long clients wait after the system had no descriptor for one of them.
    private static let acceptPause = Duration.milliseconds(250)

    private let configuration: Configuration
    private let signals: SignalPipe
    private let listener: FileDescriptor
    private var policy: HolderPolicy
    private var daemons: [Daemon] = []
    private var clients: [LineSocket] = []
    private var acceptRetry: ContinuousClock.Instant?
    /// Asked for the replacement that is being started.
    private var requester: LineSocket?
    private var exitCode: Int32?
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)

    /// Takes over the process's signals, so it has to come before the first thread.
    package init(_ configuration: Configuration) throws {
        self.configuration = configuration
        let handled: Set<Signal> = [.hangUp, .interrupt, .terminate]
        // What was ignored by the parent (`nohup`) stays so.
        signals = try SignalPipe(handled.filter { !$0.isIgnored }.union([.childChanged]))
        listener = try LocalSocket.listen(in: configuration.folder, as: configuration.socketName)
        policy = HolderPolicy(executable: configuration.executable)
    }

    deinit {
        buffer.deallocate()
    }

    /// Works until the daemon has ended in order or was given up; returns the exit code.
    package func run() -> Int32 {
        perform(policy.start())
        var poll = Poll()
        while true {
            if let exitCode { return finish(exitCode) }
            poll.removeAll()
            poll.add(signals.reading, .reading)
            if acceptRetry == nil { poll.add(listener, .reading) }
            for socket in daemons.map(\.channel) + clients where !socket.isGone {
                poll.add(socket.descriptor, socket.interest)
            }
            // With nothing to come by itself it waits, mostly for days.
            if timeout == nil { UnusedMemory.shrinkProcess() }
            let ready = poll.wait(timeout: timeout)
            if ready[listener] != nil { accept() }
            for daemon in daemons where ready[daemon.channel.descriptor] != nil { read(daemon) }
            for client in clients where ready[client.descriptor] != nil { read(client) }
            if ready[signals.reading] != nil { handleSignals() }
            perform(policy.passDeadlines(now: .now))
            if let due = acceptRetry, due <= .now { acceptRetry = nil }
            dropClients()
        }
    }

    private var timeout: Duration? {
        [policy.deadline, acceptRetry].compactMap(\.self).min()
            .map { max(.zero, ContinuousClock.now.duration(to: $0)) }
    }

    private func finish(_ code: Int32) -> Int32 {
        for client in clients {
            client.flush()
            client.close()
        }
        try? listener.close()
        try? FileSystem.removeFile(configuration.folder.appending(configuration.socketName))
        return code
    }

    // MARK: What happens

    private func handleSignals() {
        let received = signals.received()
        // Children may have ended whatever was received: a full pipe drops signals.
        collectEnded()
        if !received.isDisjoint(with: [.hangUp, .interrupt, .terminate]) {
            perform(policy.stop(now: .now))
        }
    }

    private func collectEnded() {
        for daemon in daemons {
            guard case .ended(let end)? = try? daemon.process.change() else { continue }
            // What it said last may still be in the socket.
            read(daemon)
            try? daemon.process.reap()
            daemon.channel.close()
            daemons.removeAll { $0.process == daemon.process }
            perform(policy.ended(daemon.process.pid, end, now: .now))
        }
    }

    private func read(_ daemon: Daemon) {
        for json in daemon.channel.receive(into: buffer) {
            guard let report = StartReport(json: json) else { continue }
            perform(policy.reported(report, by: daemon.process.pid))
        }
    }

    /// Where descriptors have run out, the listener stays ready: asked again at once it would keep
    /// the processor busy.
    private func accept() {
        do {
            while let descriptor = try LocalSocket.accept(listener) {
                guard clients.count < Self.mostClients else {
                    try? descriptor.close()
                    continue
                }
                clients.append(LineSocket(descriptor))
            }
        } catch {
            acceptRetry = .now.advanced(by: Self.acceptPause)
        }
    }

    private func read(_ client: LineSocket) {
        for json in client.receive(into: buffer) {
            guard let path = json["replace"]?.string, requester == nil else {
                let busy = StartReport.failed(sentence: "It is busy.", remedy: "Try again.")
                client.send(busy.json)
                continue
            }
            requester = client
            perform(policy.replace(with: FilePath(path)))
        }
        client.flush()
    }

    private func dropClients() {
        for client in clients where client.isGone { client.close() }
        clients.removeAll(where: \.isGone)
    }

    // MARK: Acting

    private func perform(_ actions: [HolderPolicy.Action]) {
        for action in actions {
            switch action {
            case .spawn(let executable): spawn(executable)
            case .send(let signal, let pid):
                daemons.first { $0.process.pid == pid }?.process.send(signal)
            case .report(let report): configuration.report(report)
            case .answer(let report):
                requester?.send(report.json)
                requester?.flush()
                requester = nil
            case .noteDeath(let death): configuration.noteDeath(death)
            case .end(let code): exitCode = code
            }
        }
    }

    private func spawn(_ executable: FilePath) {
        do {
            let daemon = try start(executable)
            daemons.append(daemon)
            policy.spawned(daemon.process.pid, now: .now)
        } catch {
            let failure = StartReport.failed(sentence: "\(error)", remedy: nil)
            perform(policy.failed(failure, now: .now))
        }
    }

    private func start(_ executable: FilePath) throws -> Daemon {
        let (own, theirs) = try LocalSocket.pair()
        defer { try? theirs.close() }
        do {
            try NonBlocking.set(own)
            var daemon = Runner.Daemon(
                executable: executable,
                arguments: configuration.arguments,
                environment: configuration.environment,
                log: configuration.log,
            )
            daemon.name = "portless"
            daemon.workingDirectory = "/"
            daemon.standardInput = theirs
            daemon.passedListeners = configuration.sockets
            daemon.passedDescriptors = [configuration.lock.descriptor]
            return Daemon(process: try daemon.spawn(), channel: LineSocket(own))
        } catch {
            try? own.close()
            throw error
        }
    }
}
