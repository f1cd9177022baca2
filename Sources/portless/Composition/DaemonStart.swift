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
        let child = try daemon(context, directory).spawn()
        let end = ContinuousClock.now + Self.patience
        while ContinuousClock.now < end {
            if case .ended = try child.change() {
                try child.reap()
                throw failure(since: start)
            }
            if let ready = try find(child.pid) { return ready }
            SystemClock.sleep(for: Self.pause)
        }
        throw failure(since: start)
    }

    private func daemon(_ context: CommandContext, _ directory: StateDirectory) -> Daemon {
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
        daemon.logOwner = directory.owner
        daemon.passedDescriptors = sockets
        daemon.passesListeners = !sockets.isEmpty
        return daemon
    }

    /// The daemon's own last words, which it can only leave in its log.
    private func failure(since start: Int64) -> Failure {
        let log = (try? AtomicFile.read(self.log)) ?? []
        let words = String(decoding: log.dropFirst(Int(start)), as: UTF8.self)
        let lines = words.split(separator: "\n").drop { !$0.hasPrefix(Self.errorMark) }
        if let sentence = lines.first {
            let remedy = lines.dropFirst().joined(separator: "\n")
            return Failure(
                String(sentence.dropFirst(Self.errorMark.count)),
                remedy: remedy.isEmpty ? nil : remedy,
            )
        }
        return Failure(
            "The \(noun) didn't start within \(Self.patience.components.seconds) seconds.",
            remedy: "See \(self.log), or try: portless \(noun) start --foreground",
        )
    }
}
