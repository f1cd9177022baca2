import HostSystem
import PortlessCore
import SystemPackage

/// One call of `ssh`, whose lines are read as they come.
final class SSHProcess {
    enum Event {
        case line(String)
        /// It ended, with the exit code and the end of what it said on standard error.
        case ended(Int32, complaint: String)
        case interrupted
        /// Nothing came until the deadline.
        case silent
    }

    /// The longest line that is taken: all names of another machine.
    private static let longestLine = 2 << 20
    private static let mostComplaint = 16 << 10
    private static let bufferSize = 64 << 10
    /// From the end of its output to its own.
    private static let endLimit = Duration.seconds(5)

    private let child: ChildProcess
    private let output: FileDescriptor
    private let errors: FileDescriptor
    private var isOutputOpen = true
    private var isErrorsOpen = true
    private var splitter = LineSplitter(longest: longestLine)
    private var lines: [String] = []
    private var complaint: [UInt8] = []
    private var end: ProcessEnd?

    /// `mayAsk`: ssh may ask at this process's terminal; otherwise it has none.
    init(_ call: SSHCall, mayAsk: Bool) throws {
        let (input, out, err) = (try Pipe(), try Pipe(), try Pipe())
        defer { for end in [input.reading, out.writing, err.writing] { try? end.close() } }
        var spawn = Spawn(
            executable: call.program,
            arguments: call.arguments,
            environment: call.environment,
            workingDirectory: call.folder,
        )
        spawn.name = "ssh"
        spawn.standardInput = input.reading
        spawn.standardOutput = out.writing
        spawn.standardError = err.writing
        spawn.group = mayAsk ? .inherited : .ownSession
        (output, errors) = (out.reading, err.reading)
        do {
            child = try spawn.start()
        } catch {
            for end in [input.writing, output, errors] { try? end.close() }
            throw error
        }
        // It fits into the pipe, so this waits for nothing.
        _ = try? input.writing.writeAll(Array(call.input.utf8))
        try? input.writing.close()
        for end in [output, errors] { try NonBlocking.set(end) }
    }

    /// Waits for what comes next.
    func next(
        until deadline: ContinuousClock.Instant,
        _ signals: SignalPipe? = nil,
    ) throws -> Event {
        while true {
            if !lines.isEmpty { return .line(lines.removeFirst()) }
            guard isOutputOpen else { return try ended() }
            let now = ContinuousClock.now
            guard now < deadline else { return .silent }
            var poll = Poll()
            poll.add(output, .reading)
            if isErrorsOpen { poll.add(errors, .reading) }
            if let signals { poll.add(signals.reading, .reading) }
            let ready = poll.wait(timeout: deadline - now)
            if let signals, ready[signals.reading] != nil, !signals.received().isEmpty {
                return .interrupted
            }
            if ready[errors] != nil { readErrors() }
            if ready[output] != nil { readOutput() }
        }
    }

    /// Ends it if it still runs.
    func close() {
        if end == nil {
            _ = Escalation(grace: .seconds(2), afterForce: .seconds(2)).run(
                send: { child.send($0) },
                isOver: { isOver },
            )
        }
        try? output.close()
        try? errors.close()
    }

    private var isOver: Bool {
        if end != nil { return true }
        guard case .ended(let found)? = try? child.change() else { return false }
        try? child.reap()
        end = found
        return true
    }

    private func ended() throws -> Event {
        if !Escalation.wait(upTo: Self.endLimit, until: { isOver }) { child.send(.kill) }
        _ = Escalation.wait(upTo: Self.endLimit, until: { isOver })
        // A master in the background may hold standard error open, so its end isn't waited for.
        readErrors()
        return .ended(
            end?.exitCode ?? 255,
            complaint: String(decoding: complaint, as: UTF8.self),
        )
    }

    private func readOutput() {
        read(output, isOpen: &isOutputOpen) { bytes in
            splitter.append(bytes) { lines.append(String(decoding: $0, as: UTF8.self)) }
        }
    }

    private func readErrors() {
        read(errors, isOpen: &isErrorsOpen) { bytes in
            complaint += bytes
            if complaint.count > Self.mostComplaint {
                complaint.removeFirst(complaint.count - Self.mostComplaint)
            }
        }
    }

    /// One piece.
    private func read(
        _ descriptor: FileDescriptor,
        isOpen: inout Bool,
        _ body: (UnsafeRawBufferPointer) -> Void,
    ) {
        withUnsafeTemporaryAllocation(byteCount: Self.bufferSize, alignment: 1) { buffer in
            do {
                let count = try descriptor.read(into: buffer)
                isOpen = count > 0
                if count > 0 { body(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
            } catch Errno.wouldBlock, Errno.resourceTemporarilyUnavailable, Errno.interrupted {
            } catch {
                isOpen = false
            }
        }
    }
}
