import HostSystem
import Logging
import Synchronization
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The log of a daemon: standard error, which is `proxy.log` or `server.log` in the background.
///
/// The file is rotated by size, so that it is bounded: the previous one stays as `proxy.log.1`.
/// A full disk loses lines and nothing else.
final class DaemonLog: Sendable {
    private static let largest: Int64 = 5 << 20

    private let file: FilePath?
    private let turn = Mutex<Void>(())

    /// With nil, standard error is another program's file and is only written to.
    init(file: FilePath?) {
        self.file = file
        turnOver()
    }

    var logger: Logger {
        Logger(label: "portless") { _ in Handler(log: self) }
    }

    func write(_ line: String) {
        turnOver()
        _ = try? FileDescriptor.standardError.writeAll(Array((line + "\n").utf8))
    }

    /// Goes on in the file that has the name now, as another process may have turned the log over.
    func reopen() {
        guard let file else { return }
        turn.withLock { _ in try? open(file) }
    }

    private func turnOver() {
        guard let file else { return }
        turn.withLock { _ in
            guard let status = try? FileStatus.of(file), status.size > Self.largest else { return }
            try? replace(file)
        }
    }

    /// Both outputs move on to the new file, so that even a crash's last words are found there.
    private func replace(_ file: FilePath) throws {
        var previous = file
        previous.extension = "log.1"
        try FileSystem.move(file, to: previous)
        try open(file)
    }

    private func open(_ file: FilePath) throws {
        let new = try FileDescriptor.open(
            file,
            .writeOnly,
            options: [.append, .create, .closeOnExec, .noFollow],
            permissions: .ownerReadWrite,
        )
        defer { try? new.close() }
        for output in [FileDescriptor.standardOutput, .standardError] {
            _ = try new.duplicate(as: output)
        }
    }
}

/// One line for each event: when, how grave, what.
private struct Handler: LogHandler {
    let log: DaemonLog
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    init(log: DaemonLog) {
        self.log = log
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Hosts, paths and the like come from clients, and the log is read in a terminal.
    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }
            .map { " \($0.key)=\($0.value)" }.sorted().joined()
        let words = "\(event.message)\(fields)".visibleLine
        log.write("\(Date.now.formatted(.iso8601)) \(event.level): \(words)")
    }
}
