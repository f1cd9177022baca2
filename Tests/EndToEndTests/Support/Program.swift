import Foundation
import Synchronization

/// A started program whose output goes to files: nothing blocks, and a daemon that outlives it
/// holds no pipe open.
final class Program: Sendable {
    struct Result: Sendable {
        /// The exit code, or 128 and the signal that ended it.
        let status: Int32
        let output: String
        let talk: String
    }

    let processID: Int32
    private let outputFile: URL
    private let talkFile: URL
    private let ending: Ending

    init(
        _ arguments: [String],
        environment: [String: String],
        directory: URL,
        scratch: URL,
    ) throws {
        let name = UUID().uuidString
        outputFile = scratch.appending(path: "\(name).out")
        talkFile = scratch.appending(path: "\(name).err")
        let ending = Ending()
        self.ending = ending
        let output = try Self.create(outputFile)
        let talk = try Self.create(talkFile)
        // Foundation looks through the open files at each start, and crashes at some 1,350 of them:
        // as many as two hundred programs at once had when each kept these two.
        defer {
            try? output.close()
            try? talk.close()
        }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.environment = environment
        process.currentDirectoryURL = directory
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = talk
        process.terminationHandler = { process in
            let isSignal = process.terminationReason == .uncaughtSignal
            ending.status.withLock { $0 = process.terminationStatus + (isSignal ? 128 : 0) }
        }
        try process.run()
        processID = process.processIdentifier
    }

    var output: String { Self.text(of: outputFile) }
    var talk: String { Self.text(of: talkFile) }
    var status: Int32? { ending.status.withLock { $0 } }

    func send(_ signal: Int32) {
        if status == nil { kill(processID, signal) }
    }

    /// Waits for the program's own end; it fails if that takes unreasonably long.
    @discardableResult
    func finished(within limit: Duration = .seconds(60)) async throws -> Result {
        let status = try await eventually("the program ends\n\(talk)", within: limit) {
            self.status
        }
        return Result(status: status, output: output, talk: talk)
    }

    func waitForTalk(_ phrase: String, within limit: Duration = .seconds(30)) async throws {
        try await eventually("\"\(phrase)\" in: \(talk)", within: limit) {
            self.talk.contains(phrase) ? () : nil
        }
    }

    private static func create(_ file: URL) throws -> FileHandle {
        try Data().write(to: file)
        return try FileHandle(forWritingTo: file)
    }

    private static func text(of file: URL) -> String {
        let data = (try? Data(contentsOf: file)) ?? Data()
        return String(decoding: data, as: UTF8.self)
    }

    private final class Ending: Sendable {
        let status = Mutex<Int32?>(nil)
    }
}
