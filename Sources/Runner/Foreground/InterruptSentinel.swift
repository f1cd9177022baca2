import HostSystem
import SystemPackage

/// A process of ours in the group of a child that has the terminal.
///
/// Ctrl-C reaches that group and not us, and the child may ignore it: this one dies of it, which the
/// system tells us as its parent.
struct InterruptSentinel {
    /// In the environment of each.
    private static let marker = "PORTLESS_SENTINEL"

    private let group: ProcessGroup
    /// Its input ends with us, however we go.
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

    /// Whether a process is one, of this run or of one that this is below.
    static func isOne(_ pid: Int32) -> Bool {
        ProcessDetails.environment(of: pid)?[marker] != nil
    }

    /// Whether Ctrl-C was pressed since the last call.
    mutating func takePress() -> Bool {
        guard let process, case .ended(let end)? = try? process.change() else { return false }
        try? process.reap()
        self.process = nil
        // One that ended by itself would do so again.
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
