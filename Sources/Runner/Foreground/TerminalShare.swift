import HostSystem
import SystemPackage

/// The terminal, which passes back and forth between the shell's job (us) and our child.
struct TerminalShare {
    private let terminal: Terminal
    private let ownGroup: Int32
    /// The modes before the child changed any.
    private let ownModes: TerminalModes?
    /// The child's modes when it was stopped.
    private var childModes: TerminalModes?

    /// Nil where the terminal isn't ours to share: another process of our group, such as the `less`
    /// of a pipeline, may want it.
    init?(_ terminal: Terminal?) {
        guard let terminal,
            ProcessTree.current().isAlone(
                ProcessIdentity.current.pid,
                besides: InterruptSentinel.isOne,
            )
        else { return nil }
        self.terminal = terminal
        ownGroup = ProcessGroup.currentID
        ownModes = terminal.modes
    }

    /// The terminal to start the child in, if we are in its foreground now (not behind `&`).
    var forStart: Terminal? {
        terminal.foregroundGroup == ownGroup ? terminal : nil
    }

    /// Gives the child the terminal after the shell has given it to us (`fg`, not `bg`).
    mutating func lend(to child: ChildProcess) {
        guard terminal.foregroundGroup == ownGroup else { return }
        if let childModes { terminal.setModes(childModes) }
        childModes = nil
        terminal.setForegroundGroup(child.pid)
    }

    /// Takes the terminal from a child that took it and then failed to run.
    func reclaim() {
        terminal.setForegroundGroup(ownGroup)
    }

    /// Takes the terminal back and restores its modes, unless the shell has it because we run in
    /// the background.
    mutating func takeBack(from child: ChildProcess) {
        let holder = terminal.foregroundGroup
        guard holder == child.pid || holder == ownGroup else { return }
        if holder == child.pid {
            childModes = terminal.modes
            terminal.setForegroundGroup(ownGroup)
        }
        if let ownModes { terminal.setModes(ownModes) }
    }
}

/// A process of ours in the group of the child that has the terminal.
///
/// Ctrl-C reaches that group and not us, and the child may ignore it: the sentinel dies of it, and
/// the kernel reports that to us, its parent.
struct InterruptSentinel {
    /// Set in the environment of each sentinel.
    private static let marker = "PORTLESS_SENTINEL"

    private let group: ProcessGroup
    /// Its input ends when we exit, for whatever reason.
    private let input: Pipe
    private var process: ChildProcess?

    init(inGroupOf child: ChildProcess) throws {
        group = ProcessGroup(of: child)
        input = try Pipe()
        do {
            process = try start()
        } catch {
            close()
            throw error
        }
    }

    /// Whether a process is a sentinel, of this run or of one that started this run.
    static func isOne(_ pid: Int32) -> Bool {
        ProcessDetails.environment(of: pid)?[marker] != nil
    }

    /// Whether Ctrl-C was pressed since the last call.
    mutating func takePress() -> Bool {
        guard let process, case .ended(let end)? = try? process.change() else { return false }
        try? process.reap()
        self.process = nil
        // A sentinel that exited by itself would do so again.
        guard case .signalled(let signal) = end else { return false }
        self.process = try? start()
        return signal == .interrupt
    }

    mutating func end() {
        guard let process else { return }
        self.process = nil
        process.send(.kill)
        try? process.reap()
        close()
    }

    private func close() {
        try? input.reading.close()
        try? input.writing.close()
    }

    private func start() throws -> ChildProcess {
        let null = try NullDevice.open(.readWrite)
        defer { try? null.close() }
        var spawn = Spawn(
            executable: "/bin/sh",
            arguments: ["-c", "read nothing"],
            environment: [Self.marker: "1"],
            workingDirectory: "/",
        )
        spawn.name = "sh"
        spawn.group = .member(of: group)
        spawn.standardInput = input.reading
        spawn.standardOutput = null
        spawn.standardError = null
        return try spawn.start()
    }
}
