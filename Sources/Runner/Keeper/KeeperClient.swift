/// A server at the other end of a keeper's connection.
final class KeeperClient {
    let socket: LineSocket
    /// Wants to hear of every change.
    var watches = false
    /// Wants each new line.
    var follows = false

    init(_ socket: LineSocket) {
        self.socket = socket
    }

    func send(_ message: KeeperMessage) {
        socket.send(message.json)
    }
}
