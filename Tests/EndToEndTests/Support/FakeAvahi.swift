import Foundation

/// Avahi's publisher as a program that tells what it publishes.
struct FakeAvahi {
    /// For the commands that shall find it.
    let environment: [String: String]
    private let folder: URL

    init(_ sandbox: Sandbox) throws {
        let files = FileManager.default
        folder = sandbox.root.appending(path: "avahi")
        let bin = folder.appending(path: "bin")
        try files.createDirectory(at: bin, withIntermediateDirectories: true)
        try files.createSymbolicLink(
            atPath: bin.appending(path: "avahi-publish-address").path(),
            withDestinationPath: Apps.path("avahi-publish-address.py"),
        )
        environment = [
            "PATH": bin.path() + ":" + (sandbox.environment["PATH"] ?? ""),
            "FAKE_AVAHI": folder.path(),
        ]
    }

    /// Has it die at once (`dies`), find the name taken (`collides`) or take its time (`slow`).
    func set(_ mood: String) throws { try Data().write(to: folder.appending(path: mood)) }

    func unset(_ mood: String) throws {
        try FileManager.default.removeItem(at: folder.appending(path: mood))
    }

    /// What happened, such as `published shop.local 127.0.0.1`, with the process that did it.
    var log: [(event: String, process: Int32)] {
        let text = try? String(contentsOf: folder.appending(path: "log"), encoding: .utf8)
        return (text ?? "").split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 4, let process = Int32(words[3]) else { return nil }
            return (words.prefix(3).joined(separator: " "), process)
        }
    }

    /// Waits until something has happened so many times; the result is the process of the last.
    @discardableResult
    func wait(for event: String, times: Int = 1) async throws -> Int32 {
        try await eventually("\(times) × \(event) in \(log)") {
            let found = log.filter { $0.event == event }
            return found.count >= times ? found.last?.process : nil
        }
    }
}
