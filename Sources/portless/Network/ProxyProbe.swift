import NIOCore
import NIOHTTP1
import NIOPosix
import PortlessCore

/// Finds out whether a proxy answers on a port, in plain HTTP: a proxy with TLS answers that too.
enum ProxyProbe {
    private static let limit = TimeAmount.milliseconds(500)

    static func isProxy(_ port: Port) async -> Bool {
        await answer(port)?.headers.first(name: "x-portless") == "1"
    }

    /// The version of the proxy if it is ours; the original's doesn't tell.
    static func version(_ port: Port) async -> String? {
        await answer(port)?.headers.first(name: "x-portless-version")
    }

    private static func answer(_ port: Port) async -> LocalRequest.Answer? {
        let request = LocalRequest(
            method: .HEAD,
            host: "localhost",
            port: port.number,
            limit: limit,
        )
        return try? await request.send()
    }

    /// Whether anything accepts connections there, on either loopback address.
    static func isListening(_ port: Port) async -> Bool {
        for address in ["127.0.0.1", "::1"] {
            let connection = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(limit)
                .connect(host: address, port: port.number)
            if let channel = try? await connection.get() {
                channel.close(promise: nil)
                return true
            }
        }
        return false
    }
}
