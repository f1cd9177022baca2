import Foundation

/// systemd as far as services of a login go: its control program reads the sandbox's units and runs
/// what they say, as systemd would.
struct FakeSystemd {
    let environment: [String: String]
    private let folder: URL

    init(_ sandbox: Sandbox) throws {
        let files = FileManager.default
        folder = sandbox.root.appending(path: "systemd")
        let bin = folder.appending(path: "bin")
        try files.createDirectory(at: bin, withIntermediateDirectories: true)
        try files.createSymbolicLink(
            atPath: bin.appending(path: "systemctl").path(),
            withDestinationPath: Apps.path("systemctl.py"),
        )
        environment = [
            "PATH": bin.path() + ":" + (sandbox.environment["PATH"] ?? ""),
            "FAKE_SYSTEMD": folder.path(),
        ]
    }

    /// Whether its control program answers, as it doesn't where systemd doesn't run.
    func set(answers: Bool) throws {
        let mood = folder.appending(path: "fails")
        if answers {
            try FileManager.default.removeItem(at: mood)
        } else {
            try Data().write(to: mood)
        }
    }

    /// What it was asked, a line each.
    var calls: [String] { text("calls").split(separator: "\n").map(String.init) }

    /// The process that it has started for a unit.
    func process(of unit: String) -> Int32? { Int32(text("pid-\(unit)")) }

    private func text(_ name: String) -> String {
        (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)) ?? ""
    }
}
