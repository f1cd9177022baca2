import HostSystem
import Logging
import PortlessCore
import Server

/// Writes down how the server is reached: for commands, and for the proxy.
struct ServerAnnouncement: Sendable {
    let directory: StateDirectory
    let names: [Hostname]
    let logger: Logger

    /// What can't be written is told in the log: the server serves all the same.
    @Sendable func write(_ entrance: Entrance) {
        do {
            try directory.write(
                ServerRecord(
                    version: Portless.version,
                    process: .current,
                    host: entrance.exposure.host,
                    port: entrance.exposure.port,
                    usesTLS: entrance.exposure.isSecure,
                    mirrorPort: entrance.exposure.mirror,
                    socket: entrance.socket,
                )
            )
            _ = try RoutesStore(directory: directory).register(
                names,
                owner: .process(.current),
                choosingPort: { _ in entrance.plainPort },
            )
        } catch {
            logger.warning("The server has no name for the proxy: \(error)")
        }
    }
}
