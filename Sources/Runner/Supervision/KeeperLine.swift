import PortlessCore

/// The server's end of a connection to a keeper, and who waits for answers from it.
///
/// Sendable though it changes: only the switchboard has any, behind its lock.
final class KeeperLine: @unchecked Sendable {
    let socket: LineSocket
    /// By the number of the request.
    var waiting: [Int: CheckedContinuation<[ProcessOutcome], any Error>] = [:]

    init(_ socket: LineSocket) {
        self.socket = socket
    }

    func send(_ request: KeeperRequest, id: Int) {
        var object = request.json.object ?? JSONObject()
        object["id"] = .integer(id)
        socket.send(.object(object))
    }
}
