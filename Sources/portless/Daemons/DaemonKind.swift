import HostSystem
import PortlessCore
import Runner
import SystemPackage

/// The two daemons, each under a holder of its own.
enum DaemonKind: String, CaseIterable, Sendable {
    case proxy, server

    /// At which its holder is asked for a replacement, in the state directory.
    var socketName: String {
        (self == .proxy ? StateFile.proxyHolderSocket : .serverHolderSocket).name
    }

    func log(in directory: StateDirectory) -> FilePath {
        directory[self == .proxy ? .proxyLog : .serverLog]
    }

    /// Says how the daemon died last.
    func crashFile(in directory: StateDirectory) -> FilePath {
        directory[self == .proxy ? .proxyCrash : .serverCrash]
    }

    /// Above the time that a holder gives its daemon to end.
    private static let endLimit = Duration.seconds(6)

    /// The lock of the holder, of which there is one for each state directory.
    ///
    /// A holder that was killed or gives up has no name any more while it or its daemon still has
    /// the sockets open: this waits until both are gone.
    func takeHolderLock(in directory: StateDirectory) throws -> HeldLock {
        let path = lockFile(in: directory)
        var lock: HeldLock?
        _ = try Escalation.wait(upTo: Self.endLimit) {
            lock = try HeldLock.take(at: path)
            return try lock != nil || holder(in: directory)?.isAlive == true
        }
        if let lock { return lock }
        throw Failure(
            "Another \(self) runs on \(directory.path) already.",
            remedy: "Stop it with: portless \(self) stop",
        )
    }

    /// Waits until no holder or daemon runs on the directory; false if one still does after that.
    ///
    /// A daemon ends with its holder, but a moment later. Until then its sockets and its lock stand in
    /// the way of the next one.
    @discardableResult
    func awaitFree(in directory: StateDirectory) -> Bool {
        let path = lockFile(in: directory)
        // A lock that this user may not look at says nothing.
        return (try? Escalation.wait(upTo: .seconds(2)) { try HeldLock.take(at: path) != nil })
            ?? true
    }

    private func lockFile(in directory: StateDirectory) -> FilePath {
        directory[self == .proxy ? .proxyHolderLock : .serverHolderLock]
    }

    /// Of many commands that start or replace the daemon at once, one does so.
    func withStartLock<Result>(
        in directory: StateDirectory,
        _ body: () throws -> Result,
    ) throws -> Result {
        let lock = directory[self == .proxy ? .proxyLock : .serverLock]
        return try FileLock.withLock(at: lock, owner: directory.owner) { try body() }
    }

    /// The process that the state directory names.
    func holder(in directory: StateDirectory) throws -> ProcessIdentity? {
        try entry(in: directory)?.holder
    }

    /// The holder that the state directory names, and where it says that the daemon listens.
    func entry(in directory: StateDirectory) throws -> (holder: ProcessIdentity, port: Port?)? {
        switch self {
        case .proxy:
            let markers = try directory.proxyMarkers()
            return markers.process.map { ($0, markers.port) }
        case .server:
            return try directory.serverRecord().map { ($0.process, $0.port) }
        }
    }

    /// Takes a holder out of the state directory, unless another one has its place by now.
    func removeNames(of holder: ProcessIdentity, in directory: StateDirectory) throws {
        switch self {
        case .proxy: try directory.removeProxyMarkers(of: holder)
        case .server: try directory.removeServerRecord(of: holder)
        }
    }
}

/// Has this program's daemon take the place of the one that runs, on the same sockets.
struct DaemonReplacement {
    let kind: DaemonKind
    let directory: StateDirectory

    /// Returns once the new one serves; where it can't, the old one goes on and the reason is thrown.
    func run() throws {
        guard let program = OwnExecutable.installedPath,
            let client = HolderClient(folder: directory.path, socketName: kind.socketName)
        else {
            throw Failure(
                "The \(kind) that runs can't be replaced by this command.",
                remedy: "Stop it and start it again: \(stopAndStart)",
            )
        }
        switch client.replace(with: program) {
        case .ready: return
        case .failed(let sentence, let remedy):
            throw Failure(
                "The \(kind) couldn't be restarted, and goes on as it is: \(sentence)",
                remedy: remedy ?? "See \(kind.log(in: directory))",
            )
        case nil:
            throw Failure(
                "The \(kind)'s holder doesn't answer.",
                remedy: "Stop it and start it again: \(stopAndStart)",
            )
        }
    }

    /// Puts this version in the place of an older one; newer ones and the original's stay.
    ///
    /// Of many commands that notice it at once, one replaces the daemon.
    func upgrade(_ context: CommandContext, version: () throws -> String?) throws {
        func outdated() throws -> Version? {
            try version().flatMap { Version($0) }.flatMap { $0 < Version.current ? $0 : nil }
        }
        guard try outdated() != nil else { return }
        try kind.withStartLock(in: directory) {
            guard let running = try outdated() else { return }
            context.console.say(
                "-- The \(kind) is version \(running); restarting it as \(Version.current)"
            )
            try context.replaceDaemon(kind, directory)
        }
    }

    private var stopAndStart: String { "portless \(kind) stop && portless \(kind) start" }
}

/// A version of this program, to tell an older one from a newer one.
struct Version: Comparable, CustomStringConvertible {
    static let current = Version(numbers: numbers(in: Portless.version) ?? [0])

    private let numbers: [Int]

    /// Nil unless the text is numbers with dots in between; what follows `-` or `+` is ignored.
    init?(_ text: String) {
        guard let numbers = Self.numbers(in: text) else { return nil }
        self.init(numbers: numbers)
    }

    private init(numbers: [Int]) {
        self.numbers = numbers
    }

    var description: String { numbers.map { String($0) }.joined(separator: ".") }

    static func < (lhs: Version, rhs: Version) -> Bool {
        lhs.numbers.lexicographicallyPrecedes(rhs.numbers)
    }

    private static func numbers(in text: String) -> [Int]? {
        let core = text.prefix { $0 != "-" && $0 != "+" }
        let parts = core.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { $0.allSatisfy(\.isASCII) ? Int($0) : nil }
        return numbers.count == parts.count ? numbers : nil
    }
}
