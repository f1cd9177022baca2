import HostSystem
import PortlessCore
import SystemPackage

/// The two daemons, each under a holder of its own.
enum DaemonKind: String, CaseIterable {
    case proxy, server

    /// At which its holder is asked for a replacement, in the state directory.
    var socketName: String { "\(rawValue).holder.sock" }

    /// Held by its holder, of which there is one for each state directory.
    func holderLock(in directory: StateDirectory) -> FilePath {
        directory.path.appending("\(rawValue).holder.lock")
    }

    func log(in directory: StateDirectory) -> FilePath {
        self == .proxy ? directory.proxyLog : directory.serverLog
    }

    /// Says how the daemon died last.
    func crashFile(in directory: StateDirectory) -> FilePath {
        directory.path.appending("\(rawValue).crash.json")
    }

    /// Whether the state directory names a holder that is alive.
    func isNamed(in directory: StateDirectory) throws -> Bool {
        let holder =
            switch self {
            case .proxy: try directory.proxyMarkers().process
            case .server: try directory.serverRecord()?.process
            }
        return holder?.isAlive == true
    }
}
