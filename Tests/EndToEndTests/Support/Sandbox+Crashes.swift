import Foundation
import Testing

/// What `portless crashes --json` says.
struct CrashList: Decodable {
    struct Crash: Decodable {
        struct Diagnosis: Decodable {
            let kind: String
            let sentence: String
            let isCertain: Bool
        }

        struct Exit: Decodable {
            let code: Int?
            let signal: Int?
        }

        struct Patch: Decodable {
            let state: String
            let sentence: String
            let job: String?
        }

        let id: String
        let process: String
        let exit: Exit
        let diagnosis: Diagnosis
        let patch: Patch?
    }

    let crashes: [Crash]
    let watching: Bool
}

extension Sandbox {
    /// A sandbox in which git commits, and whose `PATH` begins with the folder `tools`.
    static func withCrashes(_ body: (Sandbox) async throws -> Void) async throws {
        try await Sandbox.with([
            "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a",
            "GIT_COMMITTER_EMAIL": "a@b",
        ]) { sandbox in
            var sandbox = sandbox
            sandbox.environment["PATH"] =
                "\(sandbox.tools.path()):\(sandbox.environment["PATH"] ?? "")"
            try FileManager.default.createDirectory(
                at: sandbox.tools,
                withIntermediateDirectories: true,
            )
            try await body(sandbox)
        }
    }

    var tools: URL { root.appending(path: "tools") }

    func crashes() async throws -> CrashList {
        let list = try await portless("crashes", "--json")
        return try JSONDecoder().decode(CrashList.self, from: Data(list.output.utf8))
    }

    func succeed(_ arguments: String...) async throws {
        let result = try await start([Binary.path] + arguments).finished()
        try #require(result.status == 0, "\(arguments): \(result.output)\(result.talk)")
    }

    func git(_ arguments: String...) async throws -> String {
        let result = try await start(["/usr/bin/git"] + arguments).finished()
        try #require(result.status == 0, "\(arguments): \(result.talk)")
        return result.output
    }

    func writeProcesses(_ commands: [String: String]) throws {
        let processes = commands.map { name, command in
            (name, ["command": command, "autorestart": false] as [String: Any])
        }
        let object: [String: Any] = [
            "name": "shop", "processes": Dictionary(uniqueKeysWithValues: processes),
        ]
        let data = try JSONSerialization.data(withJSONObject: object)
        try write(String(decoding: data, as: UTF8.self), to: "portless.json")
    }

    /// Ends the server, its holder first, so that no other one comes by itself.
    func killServer() async throws {
        let ids = [server?.pid, serverDaemonID].compactMap(\.self)
        for id in ids { kill(id, SIGKILL) }
        try await eventually("the server is gone") {
            ids.contains(where: ProcessTable.exists) ? nil : ()
        }
    }
}
