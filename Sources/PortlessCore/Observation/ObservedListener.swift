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
