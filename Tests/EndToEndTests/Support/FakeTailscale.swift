import Foundation

/// Tailscale on a machine called `box.tail.ts.net`, as a program of that name.
struct FakeTailscale {
    let name = "box.tail.ts.net"
    /// For the commands that shall find it.
    let environment: [String: String]
    private let folder: URL

    init(_ sandbox: Sandbox) throws {
        let files = FileManager.default
        folder = sandbox.root.appending(path: "tailscale")
        let bin = folder.appending(path: "bin")
        try files.createDirectory(at: bin, withIntermediateDirectories: true)
        try files.createSymbolicLink(
            atPath: bin.appending(path: "tailscale").path(),
            withDestinationPath: Apps.path("tailscale.py"),
        )
        environment = [
            "PATH": bin.path() + ":" + (sandbox.environment["PATH"] ?? ""),
            "FAKE_TAILSCALE": folder.path(),
        ]
        try set("days", "90")
    }

    /// How many days the next certificate is good for, out of 90.
    func give(days: Int) throws { try set("days", String(days)) }

    /// Has it refuse certificates (`fails`), or never answer (`hangs`).
    func set(_ mood: String, _ text: String = "") throws {
        try Data(text.utf8).write(to: folder.appending(path: mood))
    }

    func unset(_ mood: String) throws {
        try FileManager.default.removeItem(at: folder.appending(path: mood))
    }

    /// How often it was asked for a certificate.
    var askedCount: Int {
        let text = try? String(contentsOf: folder.appending(path: "asked"), encoding: .utf8)
        return text?.split(separator: "\n").count ?? 0
    }
}
