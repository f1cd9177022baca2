import HostSystem
package import SystemPackage

/// A process that listens on a port now.
package struct ObservedListener: Hashable, Sendable {
    package var port: Port
    /// As the system writes it: `127.0.0.1`, `::`.
    package var address: String
    /// False where connections to the loopback addresses don't arrive.
    package var answersLoopback = true
    package var isDatagram = false
    /// Nil if the system doesn't show it.
    package var process: ObservedProcess?
    /// Those that started the process, nearest first.
    package var parents: [ObservedProcess] = []
    package var directory: FilePath?
    package var uid: UInt32?
    /// The app that the process was started for, if Portless did.
    package var app: String?
    /// The container that publishes the port, if it is one's.
    package var container: String?

    /// Such as `node (812)`, or `container shop-web-1`.
    package var owner: String {
        container.map { "container \($0.visibleLine)" } ?? process?.description
            ?? "another user's process"
    }

    package var json: JSONValue {
        .object([
            "pid": process.map { .integer($0.pid) } ?? .null,
            "command": process?.command.map { .string($0) } ?? .null,
            "address": .string(address),
            "protocol": .string(isDatagram ? "udp" : "tcp"),
            "app": app.map { .string($0) } ?? .null,
            "container": container.map { .string($0) } ?? .null,
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

extension ObservedListener {
    /// A socket of the system; nil if its port is none.
    init?(_ socket: ListeningSocket) {
        guard let port = Port(rawValue: socket.port) else { return nil }
        self.init(
            port: port,
            address: socket.local.address.description,
            answersLoopback: socket.answersLoopback,
            isDatagram: socket.kind == .udp,
            uid: socket.uid,
        )
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

    /// Such as `node (812)`; the name may hold any characters.
    package var description: String {
        command.map { "\($0.visibleLine) (\(pid))" } ?? "PID \(pid)"
    }
}

/// Programs that pass a container's or virtual machine's ports on to this machine.
///
/// Their folder and parents tell nothing about the app, and ending one stops no container.
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
