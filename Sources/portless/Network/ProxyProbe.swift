import HostSystem
import PortlessCore

/// Finds out whether a proxy answers on a port, in plain HTTP: a proxy with TLS answers that too.
enum ProxyProbe {
    private static let limitInMilliseconds: Int32 = 500
    private static let request = "HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    static func isProxy(_ port: Port) -> Bool { field("x-portless", port) == "1" }

    /// The version of the proxy if it is ours; the original's doesn't tell.
    static func version(_ port: Port) -> String? { field("x-portless-version", port) }

    /// Whether anything accepts connections there, on either loopback address.
    static func isListening(_ port: Port) -> Bool {
        LoopbackExchange.isListening(
            port: port.rawValue,
            limitInMilliseconds: limitInMilliseconds,
        )
    }

    private static func field(_ name: String, _ port: Port) -> String? {
        let head = LoopbackExchange.head(
            of: request,
            port: port.rawValue,
            limitInMilliseconds: limitInMilliseconds,
        )
        guard let head, head.hasPrefix("HTTP/1.") else { return nil }
        return head.split(separator: "\r\n").dropFirst().lazy
            .map { $0.split(separator: ":", maxSplits: 1) }
            .first { $0.first?.lowercased() == name }
            .flatMap { $0.dropFirst().first.map { String($0.drop { $0 == " " }) } }
    }
}
