import HostSystem

/// A process by its PID and short name.
package struct ObservedProcess: Hashable, Sendable, CustomStringConvertible {
    package var pid: Int32
    package var command: String?

    package init(pid: Int32, command: String?) {
        self.pid = pid
        self.command = command
    }

    /// `node (812)`; a process chooses its name itself.
    package var description: String {
        command.map { "\($0.visibleLine) (\(pid))" } ?? "PID \(pid)"
    }
}
