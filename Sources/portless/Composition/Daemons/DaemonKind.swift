import HostSystem
import PortlessCore
import SystemPackage

/// The two daemons, each under a holder of its own.
enum DaemonKind: String, CaseIterable {
    case proxy, server

    /// At which its holder is asked for a replacement, in the state directory.
    var socketName: String { "\(rawValue).holder.sock" }

    func log(in directory: StateDirectory) -> FilePath {
        self == .proxy ? directory.proxyLog : directory.serverLog
    }

    /// Says how the daemon died last.
    func crashFile(in directory: StateDirectory) -> FilePath {
        directory.path.appending("\(rawValue).crash.json")
    }

    /// Above the time that a holder gives its daemon to end.
    private static let endLimit = Duration.seconds(6)

    /// The lock of the holder, of which there is one for each state directory.
    ///
    /// A holder that was killed or gives up has no name any more while it or its daemon still has
    /// the sockets open: this waits until both are gone.
    func takeHolderLock(in directory: StateDirectory) throws -> HeldLock {
        let end = ContinuousClock.now + Self.endLimit
        let path = directory.path.appending("\(rawValue).holder.lock")
        while true {
            if let lock = try HeldLock.take(at: path) { return lock }
            guard try holder(in: directory)?.isAlive != true, ContinuousClock.now < end else {
                break
            }
            SystemClock.sleep(for: .milliseconds(10))
        }
        throw Failure(
            "Another \(self) runs on \(directory.path) already.",
            remedy: "Stop it with: portless \(self) stop",
        )
    }

    /// The process that the state directory names.
    func holder(in directory: StateDirectory) throws -> ProcessIdentity? {
        switch self {
        case .proxy: try directory.proxyMarkers().process
        case .server: try directory.serverRecord()?.process
        }
    }
}
