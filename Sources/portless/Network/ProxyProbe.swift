import NIOCore
import NIOHTTP1
import NIOPosix
import PortlessCore

/// Finds out whether a proxy answers on a port, in plain HTTP: a proxy with TLS answers that too.
enum ProxyProbe {
    private static let limit = TimeAmount.milliseconds(500)

    static func isProxy(_ port: Port) async -> Bool {
        let request = LocalRequest(
            method: .HEAD,
            host: "localhost",
            port: port.number,
            limit: limit,
        )
        let answer = try? await request.send()
        return answer?.headers.first(name: "x-portless") == "1"
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
