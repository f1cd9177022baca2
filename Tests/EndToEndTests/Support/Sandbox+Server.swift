import Foundation
import Testing

/// What `server.json` says.
struct ServerFile: Decodable {
    let pid: Int32
    let port: Int
    let tls: Bool
    let mirrorPort: Int?
    let socket: String
}

extension Sandbox {
    var server: ServerFile? {
        try? JSONDecoder().decode(ServerFile.self, from: Data(stateFile("server.json").utf8))
    }

    /// The server itself; `server.pid` is its holder.
    var serverDaemonID: Int32? { Self.daemonID(in: stateFile("server.json")) }

    var token: String { stateFile("server.token").trimmingCharacters(in: .newlines) }

    /// The address of the API in plain HTTP.
    func api(_ path: String, port: Int? = nil) -> String {
        "http://localhost:\(port ?? apiPort)\(path)"
    }

    func startServer(_ arguments: String...) async throws {
        let start = try await self.start([Binary.path, "server", "start"] + arguments).finished()
        try #require(start.status == 0, "\(start.talk)")
    }

    /// Asks for a change with the token.
    func change(
        _ path: String,
        _ body: String = "{}",
        method: String = "POST",
    ) async throws -> Response {
        try await curl(
            api(path),
            "-X",
            method,
            "-H",
            "Authorization: Bearer \(token)",
            "-H",
            "Content-Type: application/json",
            "-d",
            body,
        )
    }
}
