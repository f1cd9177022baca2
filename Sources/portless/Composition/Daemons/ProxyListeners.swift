import Proxy
import SystemPackage

extension ProxyServer {
    /// Starts accepting on sockets that listen already, and owns them from here on.
    func listen(on sockets: ProxySockets) async throws {
        for socket in sockets.main {
            _ = try await listen(on: ListeningEndpoint(.descriptor(socket.rawValue)))
        }
        for socket in sockets.redirects {
            _ = try await listen(
                on: ListeningEndpoint(.descriptor(socket.rawValue), isRedirectOnly: true)
            )
        }
    }
}
