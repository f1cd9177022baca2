import NIOCore
import PortlessCore
import SystemPackage
import Testing

@testable import Proxy

/// A watcher of a proxy's traffic.
struct TestWatcher {
    let connection: RawConnection

    /// Attaches to the socket that `withProxy` has opened in the folder, for the time of `body`.
    static func with<Result: Sendable>(
        _ folder: FilePath,
        _ body: (TestWatcher) async throws -> Result,
    ) async throws -> Result {
        let socket = folder.appending("traffic.sock").string
        return try await RawConnection.with(socket: socket) { connection in
            let watcher = TestWatcher(connection: connection)
            guard case .hello(_, "test", []) = try await watcher.event() else {
                Issue.record("no hello")
                return try await body(watcher)
            }
            return try await body(watcher)
        }
    }

    func send(_ request: TrafficRequest) async throws {
        try await connection.send(request.json.compact + "\n")
    }

    func event() async throws -> TrafficEvent {
        let line = try await connection.read(until: "\n")
        return try #require(TrafficEvent(json: JSONValue(parsing: line.utf8)))
    }

    /// The next record that is over.
    func finished() async throws -> TrafficRecord {
        while true {
            if case .record(let record) = try await event(), record.isOver { return record }
        }
    }

    func details(of id: Int64, reveals: Bool = false) async throws -> TrafficDetails {
        try await send(.details(id: id, reveals: reveals))
        while true {
            if case .details(let details) = try await event() { return details }
        }
    }

    func inspect(_ host: String) async throws {
        try await send(.inspect(host: host, isOn: true))
        while true {
            if case .inspecting = try await event() { return }
        }
    }
}
