import NIOCore
import PortlessCore
import Proxy

/// Binds the proxy's addresses: both loopback families, and port 80 beside 443.
struct ProxyListeners {
    let server: ProxyServer
    let console: Console

    func bind(_ port: Port) async throws {
        try await listen("127.0.0.1", port)
        do {
            try await listen("::1", port)
        } catch let failure as BindFailure where failure.isUnknownFamily {
            // A machine without IPv6.
        } catch {
            console.warn("[::1]:\(port) can't be had, so only IPv4 is served. \(error)")
        }
    }

    /// Answers plain HTTP on port 80 with a redirect, where nothing else has that port.
    func bindRedirects() async {
        for host in ["127.0.0.1", "::1"] {
            try? await listen(host, 80, isRedirectOnly: true)
        }
    }

    private func listen(_ host: String, _ port: Port, isRedirectOnly: Bool = false) async throws {
        let endpoint = ListeningEndpoint(
            .address(host: host, port: port.number),
            isRedirectOnly: isRedirectOnly,
        )
        do {
            _ = try await server.listen(on: endpoint)
        } catch let error as IOError {
            throw BindFailure(error, port: port)
        }
    }
}
