import HostSystem
import Logging
import PortlessCore
import Server
import Synchronization

/// Writes down how the server is reached: for commands, and for the proxy.
final class ServerAnnouncement: Sendable {
    private let directory: StateDirectory
    private let process: ProcessIdentity
    private let names: [Hostname]
    private let logger: Logger

    private let lastProblem = Mutex<String?>(nil)

    /// `process` ends the server with itself: its holder.
    init(
        directory: StateDirectory,
        process: ProcessIdentity,
        names: [Hostname],
        logger: Logger,
    ) {
        self.directory = directory
        self.process = process
        self.names = names
        self.logger = logger
    }

    /// Writes what isn't there already, as it has to be.
    ///
    /// What can't be written is told in the log, once: the server serves all the same.
    func write(_ address: ServerAddress) {
        do {
            try writeRecord(address)
            try register(address.plainPort)
            lastProblem.withLock { $0 = nil }
        } catch {
            let problem = "The server can't say where it is: \(error)"
            let isNew = lastProblem.withLock { last in
                defer { last = problem }
                return last != problem
            }
            if isNew { logger.warning("\(problem)") }
        }
    }

    private func writeRecord(_ address: ServerAddress) throws {
        let record = ServerRecord(
            version: Portless.version,
            process: process,
            daemon: ProcessIdentity.current.pid,
            host: address.exposure.host,
            port: address.exposure.port,
            usesTLS: address.exposure.isSecure,
            mirrorPort: address.exposure.mirror,
            socket: address.socket,
        )
        if try directory.serverRecord() != record { try directory.write(record) }
    }

    private func register(_ port: Port) throws {
        let store = RoutesStore(directory: directory)
        let own = try store.list().compactMap(\.route).filter { route in
            route.owner == .process(process) && route.port == port
        }
        guard !Set(names).isSubset(of: own.map(\.hostname)) else { return }
        _ = try store.register(names, owner: .process(process)) { _ in port }
    }
}
