import HostSystem
import Logging
import Synchronization
import SystemPackage

/// Where the proxy's words go: standard error, which is `proxy.log` for one in the background.
///
/// The log turns over by size, so that it is bounded: the one before it stays as `proxy.log.1`.
/// A full disk loses lines and nothing else.
final class ProxyLog: Sendable {
    private static let largest: Int64 = 5 << 20

    private let file: FilePath?
    private let turn = Mutex<Void>(())

    /// With nil, standard error is somebody else's and is only written to.
    init(file: FilePath?) {
        self.file = file
        turnOver()
    }

    var logger: Logger {
        Logger(label: "portless") { _ in ProxyLogHandler(log: self) }
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
