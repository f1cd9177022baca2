import HostSystem
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
