import Foundation
import Testing

extension Sandbox {
    /// Lets leases come from ports that no other test uses; the result is the first of them.
    func leaseFromOwnRange(_ count: Int = 12) throws -> Int {
        let block = try FreePort.block(count)
        try FileManager.default.createDirectory(at: state, withIntermediateDirectories: true)
        let text = "{\"ports\": {\"ranges\": [\"\(block.lowerBound)-\(block.upperBound)\"]}}"
        try Data(text.utf8).write(to: state.appending(path: "config.json"))
        return block.lowerBound
    }

    /// The row of a port in `portless ports --json`; nil where no app has it.
    func row(_ port: Int) async throws -> PortsTable.Row? {
        try await table().ports.first { $0.port == port }
    }

    func table() async throws -> PortsTable {
        let result = try await portless("ports", "--json")
        try #require(result.status == 0, "\(result.talk)")
        return try JSONDecoder().decode(PortsTable.self, from: Data(result.output.utf8))
    }
}

/// What `portless ports --json` prints.
struct PortsTable: Decodable {
    struct Owner: Decodable {
        struct Parent: Decodable {
            let pid: Int32
            let command: String?
        }

        let pid: Int32?
        let command: String?
        let address: String
        let `protocol`: String
        let app: String?
        let parents: [Parent]
    }

    struct Row: Decodable {
        let app: String
        let label: String
        let port: Int
        let origin: String
        let state: String
        let name: String?
        let provenance: String?
        let owner: Owner?
    }

    struct Other: Decodable {
        let port: Int
        let owner: Owner
    }

    let ports: [Row]
    let infrastructure: [Row]
    let others: [Other]
}
