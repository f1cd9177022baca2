package import HostSystem

/// Who listens on a port now.
package struct ObservedListener: Hashable, Sendable {
    package var port: Port
    /// As the system writes it: `127.0.0.1`, `::`.
    package var address: String
    /// False where connections to the loopback addresses don't arrive.
    package var answersLoopback: Bool
    package var isDatagram: Bool
    package var pid: Int32?
    package var command: String?
    /// The app whose process tree the listener belongs to, if it was started by Portless.
    package var app: String?

    package init(
        port: Port,
        address: String,
        answersLoopback: Bool = true,
        isDatagram: Bool = false,
        pid: Int32? = nil,
        command: String? = nil,
        app: String? = nil,
    ) {
        self.port = port
        self.address = address
        self.answersLoopback = answersLoopback
        self.isDatagram = isDatagram
        self.pid = pid
        self.command = command
        self.app = app
    }

    /// `node (812)`, as far as it is known.
    package var owner: String {
        switch (command, pid) {
        case (let command?, let pid?): "\(command) (\(pid))"
        case (nil, let pid?): "PID \(pid)"
        default: "another user's process"
        }
    }
}

extension ObservedListener {
    /// A socket of the system and what is known of the process that holds it.
    package init?(_ socket: ListeningSocket, pid: Int32?, command: String?, app: String?) {
        guard let port = Port(rawValue: socket.port) else { return nil }
        self.init(
            port: port,
            address: socket.local.address.description,
            answersLoopback: socket.answersLoopback,
            isDatagram: socket.kind == .udp,
            pid: pid,
            command: command,
            app: app,
        )
    }
}
