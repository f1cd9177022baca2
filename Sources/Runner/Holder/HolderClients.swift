package import HostSystem
import PortlessCore
package import SystemPackage

/// Sends requests to the holder of a state directory's daemon.
package struct HolderClient {
    /// Longer than the holder's own limit for the start of a daemon.
    private static let patience = HolderPolicy.startLimit + .seconds(5)

    private let socket: FileDescriptor

    /// Nil where no holder answers.
    package init?(folder: FilePath, socketName: String) {
        guard let socket = try? LocalSocket.connect(in: folder, to: socketName) else { return nil }
        self.socket = socket
    }

    /// Has the holder replace the daemon by one of this program.
    ///
    /// Returns once the new daemon serves, or once it has failed and the old one goes on; nil where
    /// the holder doesn't answer.
    package func replace(with executable: FilePath) -> StartReport? {
        defer { try? socket.close() }
        let request = JSONValue.object(["replace": .string(executable.string)]).compact + "\n"
        // One line fits into the empty buffer of a new connection.
        let bytes = Array(request.utf8)
        let sent = try? bytes.withUnsafeBytes { try LocalSocket.send($0, to: socket) }
        guard sent == bytes.count else { return nil }
        return StartReport.receive(from: socket, within: Self.patience)
    }
}

/// The holder as its daemon sees it; the daemon's standard input is their connection.
package struct HeldDaemon: Sendable {
    /// Makes the daemon finish its connections and exit, because its successor has the sockets.
    package static let retireSignal = HolderPolicy.retireSignal

    /// The process that the state directory names for both.
    package let holder: ProcessIdentity

    /// Nil where the holder is gone; `sockets` are those that this process got from it.
    package init?(sockets: [FileDescriptor]) {
        guard let parent = ProcessIdentity.parent else { return nil }
        holder = parent
        // The holder's lock comes right after the sockets and keeps the next holder away for as
        // long as this process has them open. Children of this process must not inherit it.
        if let last = sockets.map(\.rawValue).max() {
            ActivatedSocket(descriptor: FileDescriptor(rawValue: last + 1)).closeOnExec()
        }
    }

    /// Tells the holder that connections are answered from now on.
    package func isReady(version: String) {
        StartReport.ready(version: version).send()
    }

    /// Sends this process SIGTERM once the holder is gone, for whatever reason.
    ///
    /// The caller sets the signal mask first: the waiting thread inherits it.
    package func endWithHolder() {
        SystemThread.start {
            var byte: UInt8 = 0
            repeat {
                let count = try? withUnsafeMutableBytes(of: &byte) {
                    try FileDescriptor.standardInput.read(into: $0)
                }
                guard let count, count > 0 else { break }
            } while true
            Signal.terminate.sendToThisProcess()
        }
    }
}
