import HostSystem
import PortlessCore
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
        let path = directory[self == .proxy ? .proxyHolderLock : .serverHolderLock]
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
