package import HostSystem
import PortlessCore
package import SystemPackage

/// Owns the listening sockets of a daemon and keeps a daemon running on them.
///
/// The sockets stay open when the daemon dies: connections wait in their queues until the next
/// daemon accepts them. `HolderPolicy` decides; the holder waits for descriptors on one thread and
/// acts. It takes no part in the daemon's work, so that no client's input reaches it.
package final class Holder {
    /// The parts that a holder is made of.
    package struct Configuration {
        /// Runs the daemon; `arguments` tell it that it has a holder.
        package var executable: FilePath
        package var arguments: [String]
        package var environment: [String: String]
        package var sockets: [FileDescriptor]
        /// The daemon inherits the lock, too: it is free once no process has the sockets open.
        package var lock: HeldLock
        /// The file for the daemon's output; nil: this process's own output.
        package var log: FilePath?
        /// The folder and the name of the socket on which the holder takes requests for a
        /// replacement.
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
        /// The daemon reports on it that it serves; its end tells the daemon that the holder is
        /// gone.
        let channel: LineSocket
    }

    /// The most commands that may wait on the socket at once.
    private static let mostClients = 16
    /// How long the holder accepts no client after the system ran out of descriptors.
    private static let acceptPause = Duration.milliseconds(250)

    private let configuration: Configuration
    private let signals: SignalPipe
    private let listener: FileDescriptor
    private var policy: HolderPolicy
    private var daemons: [Daemon] = []
    private var clients: [LineSocket] = []
    private var acceptRetry: ContinuousClock.Instant?
    /// The client that asked for the replacement under way.
    private var requester: LineSocket?
    private var exitCode: Int32?
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)

    /// Takes over the process's signals, so it has to come before the first thread.
    package init(_ configuration: Configuration) throws {
        self.configuration = configuration
        let handled: Set<Signal> = [.hangUp, .interrupt, .terminate]
        signals = try SignalPipe(handled.filter { !$0.staysIgnored }.union([.childChanged]))
        listener = try LocalSocket.listen(in: configuration.folder, as: configuration.socketName)
        policy = HolderPolicy(executable: configuration.executable)
    }

    deinit {
        buffer.deallocate()
    }

    /// Works until the daemon has exited in order or the policy gives up; returns the exit code.
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
            // Without a deadline it waits, mostly for days.
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

    // MARK: Events

    private func handleSignals() {
        let received = signals.received()
        // Children may have exited whichever signal came: a full pipe drops signals.
        collectEnded()
        if !received.isDisjoint(with: [.hangUp, .interrupt, .terminate]) {
            perform(policy.stop(now: .now))
        }
    }

    private func collectEnded() {
        for daemon in daemons {
            guard case .ended(let end)? = try? daemon.process.change() else { continue }
            // The daemon's last report may still be in the socket.
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

    /// Without free descriptors the listener stays readable: accepting again at once would keep the
    /// processor busy.
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
