import Foundation
import Testing

/// Apps that start with the first request for one of their names.
extension Sandbox {
    /// Declares an app of one process, which counts its starts in a file before it serves.
    func writeCounting(
        _ app: String = "shop",
        in folder: String = ".",
        program: [String]? = nil,
        listenAfter: Int = 1,
        extra: String = "",
        process: String = "",
    ) throws {
        let program = program ?? ["python3", Apps.path("moody.py")]
        let words =
            ["sh", "-c", "echo x >> starts; sleep \(listenAfter); exec \"$@\"", "sh"] + program
        let command = String(decoding: try JSONEncoder().encode(words), as: UTF8.self)
        try write(
            """
            {"name": "\(app)"\(extra), "processes": {"web": {"command": \(command),
              "ports": ["api"]\(process)}}}
            """,
            to: "\(folder)/portless.json",
        )
    }

    var starts: Int { starts(in: ".") }

    func starts(in folder: String) -> Int {
        let file = project.appending(path: folder).appending(path: "starts")
        let text = try? String(contentsOf: file, encoding: .utf8)
        return text?.split(separator: "\n").count ?? 0
    }

    var hasStarted: Bool { starts > 0 }

    /// The state of an app, as `ps` tells it.
    func state(_ app: String = "shop") async throws -> String? {
        let result = try await portless("ps", "--json")
        let apps = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        return (apps as? [[String: Any]])?.first { $0["name"] as? String == app }?["state"]
            as? String
    }

    /// The keeper of an app's processes.
    func keeperID(_ app: String) throws -> Int32 {
        let json = try JSONSerialization.jsonObject(
            with: Data(stateFile("apps/\(app)/keeper.json").utf8)
        )
        return try #require(((json as? [String: Any])?["pid"] as? NSNumber)?.int32Value)
    }
}
