import HostSystem
import SystemPackage

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
