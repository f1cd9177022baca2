import Foundation

/// Tailscale, ngrok and cloudflared as programs of those names, in moods that a test gives them.
struct FakeSharing {
    /// For the commands that shall find them.
    let environment: [String: String]
    let folder: URL

    init(_ sandbox: Sandbox, without missing: Set<String> = []) throws {
        let files = FileManager.default
        folder = sandbox.root.appending(path: "sharing")
        let bin = folder.appending(path: "bin")
        try files.createDirectory(at: bin, withIntermediateDirectories: true)
        let programs = [
            ("tailscale", "tailscale-share.py"), ("ngrok", "ngrok.py"),
            ("cloudflared", "cloudflared.py"),
        ]
        for (name, script) in programs where !missing.contains(name) {
            try files.createSymbolicLink(
                atPath: bin.appending(path: name).path(),
                withDestinationPath: Apps.path(script),
            )
        }
        environment = [
            "PATH": bin.path() + ":" + (sandbox.environment["PATH"] ?? ""),
            "FAKE_SHARING": folder.path(),
        ]
    }

    func set(_ program: String, _ mood: String) throws {
        try Data(mood.utf8).write(to: folder.appending(path: "\(program)-mood"))
    }

    /// A file that a fake has written; empty where it isn't there.
    func text(_ name: String) -> String {
        (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)) ?? ""
    }

    /// The processes of a tunnel's program that run for this sandbox.
    func processes(_ program: String) -> [Int32] {
        let file = folder.appending(path: "bin/\(program)").path()
        return ProcessTable.all.filter { process in
            process.environment.contains(folder.path()) && process.arguments.contains(file)
                && !process.arguments.contains("version")
        }.map(\.id)
    }
}
