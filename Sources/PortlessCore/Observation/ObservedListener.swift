package import HostSystem
package import SystemPackage

/// Who listens on a port now.
package struct ObservedListener: Hashable, Sendable {
    package var port: Port
    /// As the system writes it: `127.0.0.1`, `::`.
    package var address: String
    /// False where connections to the loopback addresses don't arrive.
    package var answersLoopback: Bool
    package var isDatagram: Bool
    /// Nil where the system doesn't show it to us.
    package var process: ObservedProcess?
    /// Those that started the process, nearest first.
    package var parents: [ObservedProcess]
    package var directory: FilePath?
    /// Whom the socket belongs to.
    package var uid: UInt32?
    /// The app that the process was started for, if Portless did.
    package var app: String?

    package init(
        port: Port,
        address: String,
        answersLoopback: Bool = true,
        isDatagram: Bool = false,
        process: ObservedProcess? = nil,
        parents: [ObservedProcess] = [],
        directory: FilePath? = nil,
        uid: UInt32? = nil,
        app: String? = nil,
    ) {
        self.port = port
        self.address = address
        self.answersLoopback = answersLoopback
        self.isDatagram = isDatagram
        self.process = process
        self.parents = parents
        self.directory = directory
        self.uid = uid
        self.app = app
    }

    /// A socket of the system; nil if its port is none.
    package init?(_ socket: ListeningSocket) {
        guard let port = Port(rawValue: socket.port) else { return nil }
        self.init(
            port: port,
            address: socket.local.address.description,
            answersLoopback: socket.answersLoopback,
            isDatagram: socket.kind == .udp,
            uid: socket.uid,
        )
    }

    /// `node (812)`, as far as it is known.
    package var owner: String { process?.description ?? "another user's process" }

    package var json: JSONValue {
        .object([
            "pid": process.map { .integer($0.pid) } ?? .null,
            "command": process?.command.map { .string($0) } ?? .null,
            "address": .string(address),
            "protocol": .string(isDatagram ? "udp" : "tcp"),
            "app": app.map { .string($0) } ?? .null,
            "parents": .array(
                parents.map { parent in
                    .object([
                        "pid": .integer(parent.pid),
                        "command": parent.command.map { .string($0) } ?? .null,
                    ])
                }
            ),
        ])
    }
}

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

/// Programs that pass a container's or virtual machine's ports on to this machine.
///
/// Whatever is behind them was not started where they were, and ending one stops no container.
package enum ContainerForwarder {
    package static func isOne(_ command: String?) -> Bool {
        command.map { command in names.contains { command.hasPrefix($0) } } ?? false
    }

    // The kernel cuts names after 15 characters.
    private static let names = [
        "docker-proxy", "com.docker", "vpnkit", "rootlessport", "rootlesskit", "slirp4netns",
        "pasta", "gvproxy", "OrbStack", "limactl", "colima", "conmon", "podman",
    ]
}
