import Foundation
import Testing

/// What `up`, `run --detach` and `wait` print with `--json`.
struct WaitAnswer: Decodable, Equatable {
    struct App: Decodable, Equatable {
        struct Process: Decodable, Equatable {
            let name: String
            let state: String
            let outcome: String?
            let pid: Int32?
            let problem: String?
            let urls: [String]
            let lastLines: [String]
        }

        let name: String
        let kind: String
        let url: String?
        let processes: [Process]
    }

    struct Problem: Decodable, Equatable {
        let message: String
        let remedy: String?
    }

    let outcome: String
    let exitCode: Int32
    let error: Problem?
    let apps: [App]

    var process: App.Process? { apps.first?.processes.first }

    /// The code in the answer is the one that the command exited with.
    init(_ result: Program.Result) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(result.output.utf8))
        #expect(exitCode == result.status)
    }
}

extension Sandbox {
    /// A project of one server that takes its time, in plain HTTP.
    func writeWarming(listenAfter: Double = 0, readyAfter: Double, health: String? = nil) throws {
        let check = health.map { #", "health": \#($0)"# } ?? ""
        try write(
            """
            {"name": "shop", "processes": {"web": {"command": ["python3", "\(Apps.path("warming.py"))"],
              "ports": ["ui"], "env": {"LISTEN_AFTER": "\(listenAfter)",
              "READY_AFTER": "\(readyAfter)"}\(check)}}}
            """,
            to: "portless.json",
        )
    }
}
