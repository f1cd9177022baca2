package import HostSystem
package import SystemPackage

/// The process that ends a run's children when the command that started them dies without doing so.
///
/// It lives in a session of its own, where neither Ctrl-C nor a closed terminal reaches it, and
/// reads from a pipe whose writing end only the command holds. The children write their own PIDs
/// into it before they run their programs: there is no moment at which a child lives unknown.
package enum Guardian {
    /// Starts this program as a guardian; `arguments` lead it to `run`.
    package static func spawn(
        executable: FilePath? = OwnExecutable.runnablePath,
        name: String? = nil,
        arguments: [String],
        environment: [String: String],
    ) throws -> GuardianLink {
        guard let executable else {
            throw SystemError("find this program's file", errno: .noSuchFileOrDirectory)
        }
        let pipe = try Pipe()
        defer { try? pipe.reading.close() }
        do {
            let null = try NullDevice.open(.readWrite)
            defer { try? null.close() }
            var spawn = Spawn(
                executable: executable,
                arguments: arguments,
                environment: environment,
                // The guardian needs no directory, for all its paths are absolute, and keeps none
                // busy.
                workingDirectory: "/",
            )
            spawn.name = name
            spawn.standardInput = null
            spawn.standardOutput = null
            spawn.standardError = null
            spawn.passedDescriptors = [pipe.reading]
            spawn.group = .ownSession
            return GuardianLink(process: try spawn.start(), writing: pipe.writing)
        } catch {
            try? pipe.writing.close()
            throw error
        }
    }

    /// Runs the guardian: waits for the end of the command, and if that didn't say that it
    /// finished, ends its children with all their descendants and calls `cleanUp`.
    package static func run(
        input: FileDescriptor = FileDescriptor(rawValue: 3),
        grace: Duration = .seconds(5),
        cleanUp: () -> Void,
    ) {
        let signals = SignalQueue([.hangUp, .interrupt, .quit, .terminate])
        var watch = GuardianWatch()
        while let message = readMessage(from: input) {
            watch.receive(message)
        }
        guard !watch.isFinished else { return }
        for child in watch.children.values.sorted(by: { $0.pid < $1.pid }) {
            var termination = Termination(root: child)
            termination.run(grace: grace, signals: signals)
        }
        cleanUp()
    }

    /// Nil at the end of the pipe.
    ///
    /// Messages are shorter than PIPE_BUF, so they arrive whole.
    private static func readMessage(from input: FileDescriptor) -> Int32? {
        var message: Int32 = 0
        let count = try? withUnsafeMutableBytes(of: &message) { try input.read(into: $0) }
        return count == MemoryLayout<Int32>.size ? message : nil
    }
}

/// The command's end of the pipe to its guardian.
package struct GuardianLink: Sendable {
    package let process: ChildProcess
    private let writing: FileDescriptor

    init(process: ChildProcess, writing: FileDescriptor) {
        self.process = process
        self.writing = writing
    }

    /// The descriptor that a child writes its own PID to before it runs its program.
    package var announcement: FileDescriptor { writing }

    /// Reports a process that a child has left in the background.
    package func watch(_ process: ProcessIdentity) {
        send(process.pid)
    }

    /// Reports that a child and its group have ended: another process may get its PID.
    package func forget(_ child: ChildProcess) {
        send(-child.pid)
    }

    /// Tells the guardian that the run ended normally.
    ///
    /// The link is dead afterwards.
    package func finish() {
        send(GuardianWatch.finished)
        try? writing.close()
    }

    /// Sends a message; a guardian that is gone doesn't need it.
    private func send(_ message: Int32) {
        _ = try? withUnsafeBytes(of: message) { try writing.write($0) }
    }
}

/// The state of a guardian: which children of the run live.
struct GuardianWatch {
    /// The message that the command has ended its children itself.
    static let finished: Int32 = 0

    private(set) var children: [Int32: ProcessIdentity] = [:]
    private(set) var isFinished = false

    /// Takes a message: the PID of a child that starts, the negative PID of one that has ended, or
    /// `finished`.
    ///
    /// `identify` looks up the process at once, so that a later one with the same PID is never
    /// taken for it.
    mutating func receive(
        _ message: Int32,
        identify: (Int32) -> ProcessIdentity? = ProcessIdentity.holder(of:),
    ) {
        switch message {
        case Self.finished: isFinished = true
        case ..<0: children[0 &- message] = nil
        default: children[message] = identify(message)
        }
    }
}
