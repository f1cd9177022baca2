package import HostSystem
package import PortlessCore
package import SystemPackage

/// Publishes names in the local network: one process of the system's tool for each, restarted when it
/// dies and ended with this one.
///
/// One thread around `poll`; ``MDNSRecords`` decides.
package struct MDNSPublisher {
    /// What it needs to know and to tell.
    package struct Configuration {
        /// The program and its arguments; nil where it isn't installed.
        package var command: (Hostname, IPAddress) -> (program: FilePath, arguments: [String])?
        /// The name that a line of its output says is published; nil for other lines.
        package var established: (String, Hostname) -> String?
        package var environment: [String: String]
        /// The names to be published now, and the address to publish.
        package var names: () -> [Hostname]
        package var address: () -> IPAddress?
        /// Called at each change.
        package var report: (MDNSStatus) -> Void
        /// Where each process writes its PID before it runs its program (see `Guardian`).
        package var guardian: GuardianLink?
        package var missing: String

        package init(
            command: @escaping (Hostname, IPAddress) -> (program: FilePath, arguments: [String])?,
            established: @escaping (String, Hostname) -> String?,
            environment: [String: String],
            names: @escaping () -> [Hostname],
            address: @escaping () -> IPAddress?,
            report: @escaping (MDNSStatus) -> Void,
            guardian: GuardianLink?,
            missing: String,
        ) {
            self.command = command
            self.established = established
            self.environment = environment
            self.names = names
            self.address = address
            self.report = report
            self.guardian = guardian
            self.missing = missing
        }
    }

    private struct Running {
        var process: ChildProcess
        var output: FileDescriptor
        /// Until the process has closed it.
        var isReadable = true
        var lines = LineSplitter(longest: 4096)
        var lastLine: String?
    }

    /// A look at `routes.json` is one `stat`, and one at the address a few system calls.
    private static let namesPause = Duration.seconds(1)
    private static let addressPause = Duration.seconds(5)
    private static let grace = Duration.seconds(2)

    private let configuration: Configuration
    private var records = MDNSRecords()
    private var running: [Hostname: Running] = [:]
    private var address: IPAddress?
    private var reported: MDNSStatus?

    package init(_ configuration: Configuration) {
        self.configuration = configuration
    }

    /// Publishes until `input`, which tells nothing else, is at its end, or a signal says to stop.
    package mutating func run(until input: FileDescriptor) throws {
        let signals = try SignalPipe([.childChanged, .terminate, .interrupt, .hangUp])
        var nextAddress = ContinuousClock.now
        while true {
            let now = ContinuousClock.now
            if now >= nextAddress {
                address = configuration.address()
                nextAddress = now + Self.addressPause
            }
            perform(records.want(configuration.names(), at: address, now: now))
            report()
            var poll = Poll()
            poll.add(input, .reading)
            poll.add(signals.reading, .reading)
            for child in running.values where child.isReadable { poll.add(child.output, .reading) }
            let pause = records.nextStart.map { now.duration(to: $0) } ?? Self.namesPause
            let ready = poll.wait(timeout: min(max(pause, .zero), Self.namesPause))
            if ready[input] != nil, Self.isAtEnd(input) { break }
            let received = ready[signals.reading] == nil ? [] : signals.received()
            if !received.isDisjoint(with: [.terminate, .interrupt, .hangUp]) { break }
            for (name, child) in running where ready[child.output] != nil { read(name) }
            reap()
        }
        end()
    }

    /// Bytes on it mean nothing.
    private static func isAtEnd(_ input: FileDescriptor) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = try? bytes.withUnsafeMutableBytes { try input.read(into: $0) }
        return (count ?? 0) == 0
    }

    private mutating func report() {
        let status = records.status
        guard status != reported else { return }
        reported = status
        configuration.report(status)
    }

    private mutating func perform(_ actions: [MDNSRecords.Action]) {
        for action in actions {
            switch action {
            case .start(let name, let address):
                do {
                    running[name] = try start(name, at: address)
                } catch {
                    fail(name, "\(error)")
                }
            case .stop(let name): running[name]?.process.send(.terminate)
            }
        }
    }

    private mutating func fail(_ name: Hostname, _ reason: String) {
        perform(records.ended(name, reason: reason, now: .now))
    }

    private func start(_ name: Hostname, at address: IPAddress) throws -> Running {
        guard let command = configuration.command(name, address) else {
            throw MDNSToolMissing(description: configuration.missing)
        }
        let pipe = try Pipe()
        defer { try? pipe.writing.close() }
        do {
            try NonBlocking.set(pipe.reading)
            let input = try NullDevice.open()
            defer { try? input.close() }
            var spawn = Spawn(
                executable: command.program,
                arguments: command.arguments,
                environment: configuration.environment,
                workingDirectory: "/",
            )
            spawn.standardInput = input
            spawn.standardOutput = pipe.writing
            spawn.standardError = pipe.writing
            spawn.announcement = configuration.guardian?.announcement
            return Running(process: try spawn.start(), output: pipe.reading)
        } catch {
            try? pipe.reading.close()
            throw error
        }
    }

    private mutating func read(_ name: Hostname) {
        guard var child = running[name] else { return }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = try? buffer.withUnsafeMutableBytes { try child.output.read(into: $0) }
        guard let count, count > 0 else {
            if count == 0 { running[name]?.isReadable = false }
            return
        }
        var lines: [String] = []
        buffer.withUnsafeBytes { bytes in
            child.lines.append(UnsafeRawBufferPointer(rebasing: bytes.prefix(count))) {
                lines.append(String(decoding: $0, as: UTF8.self))
            }
        }
        child.lastLine = lines.last { !$0.isEmpty } ?? child.lastLine
        running[name] = child
        for line in lines {
            guard let published = configuration.established(line, name) else { continue }
            perform(records.established(name, as: published, now: .now))
        }
    }

    private mutating func reap() {
        for (name, child) in running {
            guard case .ended(let end)? = try? child.process.change() else { continue }
            read(name)
            let program = configuration.command(name, .anyIPv4)?.program.lastComponent?.string
            let reason =
                running[name]?.lastLine
                ?? "\(program ?? "The publisher") ended (exit code \(end.exitCode))."
            try? child.process.reap()
            configuration.guardian?.forget(child.process)
            try? child.output.close()
            running[name] = nil
            perform(records.ended(name, reason: reason, now: .now))
        }
    }

    /// Withdraws all names.
    private mutating func end() {
        perform(records.stopAll())
        let isOver = Escalation.wait(upTo: Self.grace) {
            reap()
            return running.isEmpty
        }
        guard !isOver else { return }
        for child in running.values { child.process.send(.kill) }
        _ = Escalation.wait(upTo: Self.grace) {
            reap()
            return running.isEmpty
        }
    }
}

private struct MDNSToolMissing: Error, CustomStringConvertible {
    let description: String
}
