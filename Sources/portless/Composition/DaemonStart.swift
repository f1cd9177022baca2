import HostSystem
import PortlessCore
import Runner
import SystemPackage

/// Starts this program as a daemon and awaits that it is ready, or has said why it can't be.
struct DaemonStart {
    private static let patience = Duration.seconds(20)
    private static let pause = Duration.milliseconds(10)
    private static let errorMark = "Error: "

    /// What it is to the user: `proxy`.
    let noun: String
    /// Behind `portless <noun> start --foreground --detached`.
    let arguments: [String]
    let log: FilePath
    /// Sockets that it goes on listening on.
    var sockets: [FileDescriptor] = []

    /// Returns what `find` finds for its PID, as soon as it finds something.
    func run<Ready>(
        _ context: CommandContext,
        _ directory: StateDirectory,
        find: (Int32) throws -> Ready?,
    ) throws -> Ready {
        let start = try FileStatus.of(log)?.size ?? 0
        let words = try Pipe()
        defer { try? words.reading.close() }
        let child = try daemon(context, directory, lastWords: words.writing)
        let end = ContinuousClock.now + Self.patience
        while ContinuousClock.now < end {
            if case .ended(let end) = try child.change() {
                try child.reap()
                throw failure(since: start, LastWords.read(from: words.reading), after: end)
            }
            if let ready = try find(child.pid) { return ready }
            SystemClock.sleep(for: Self.pause)
        }
        throw failure(since: start, "", after: nil)
    }

    private func daemon(
        _ context: CommandContext,
        _ directory: StateDirectory,
        lastWords: FileDescriptor,
    ) throws -> ChildProcess {
        defer { try? lastWords.close() }
        var daemon = Daemon(
            executable: context.executable,
            arguments: [noun, "start", "--foreground", "--detached"] + arguments,
            environment: context.environment.merging([
                "PORTLESS_STATE_DIR": directory.path.string, "NO_COLOR": "1",
            ]) { $1 },
            log: log,
        )
        daemon.name = "portless"
        daemon.workingDirectory = "/"
        daemon.standardInput = lastWords
        daemon.logOwner = directory.owner
        daemon.passedDescriptors = sockets
        daemon.passesListeners = !sockets.isEmpty
        return try daemon.spawn()
    }

    /// The daemon's own last words, from its pipe or its log.
    private func failure(
        since start: Int64,
        _ lastWords: String,
        after end: ProcessEnd?,
    ) -> Failure {
        let log = (try? AtomicFile.read(self.log)) ?? []
        let logged = String(decoding: log.dropFirst(Int(start)), as: UTF8.self)
        for words in [lastWords, logged] {
            let lines = words.split(separator: "\n").drop { !$0.hasPrefix(Self.errorMark) }
            guard let sentence = lines.first else { continue }
            let remedy = lines.dropFirst().joined(separator: "\n")
            return Failure(
                String(sentence.dropFirst(Self.errorMark.count)),
                remedy: remedy.isEmpty ? nil : remedy,
            )
        }
        let remedy = "See \(self.log), or try: portless \(noun) start --foreground"
        guard let end else {
            return Failure(
                "The \(noun) didn't start within \(Self.patience.components.seconds) seconds.",
                remedy: remedy,
            )
        }
        return Failure(
            "The \(noun) ended while it started, with code \(end.exitCode).",
            remedy: remedy,
        )
    }
}
