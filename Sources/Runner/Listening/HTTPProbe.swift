import HostSystem
package import PortlessCore

/// Finds the port on which a process serves pages.
package struct HTTPProbe: Sendable {
    /// The answers of a debugger's port, or one for WebSockets only, to a plain request.
    private static let refusals: Set = [400, 426]

    /// The status of a port's answer on one address; nil where it doesn't speak HTTP.
    private let status: @Sendable (Port, Hostname?, IPAddress) -> Int?

    /// Probes ports of this machine, each of which has `limit` to answer.
    package init(limit: Duration) {
        self.init { port, host, address in
            let head = LoopbackExchange.head(
                of: "HEAD / HTTP/1.1\r\nHost: \(host?.description ?? "localhost")\r\n"
                    + "Connection: close\r\n\r\n",
                port: port.rawValue,
                address: address,
                limitInMilliseconds: Int32(clamping: limit.milliseconds),
            )
            return head.flatMap(Self.status)
        }
    }

    init(status: @escaping @Sendable (Port, Hostname?, IPAddress) -> Int?) {
        self.status = status
    }

    /// The first port that speaks HTTP; one that only refuses comes after all others.
    package func first(of ports: [Port], host: Hostname?) -> Port? {
        var refusing: Port?
        for port in ports {
            let answers = [IPAddress.loopbackIPv4, .loopbackIPv6].lazy
                .compactMap { status(port, host, $0) }
            guard let answer = answers.first else { continue }
            guard Self.refusals.contains(answer) else { return port }
            refusing = refusing ?? port
        }
        return refusing
    }

    /// The number in a status line such as `HTTP/1.1 200 OK`.
    static func status(in head: String) -> Int? {
        guard head.hasPrefix("HTTP/") else { return nil }
        let words = head.prefix { !$0.isNewline }.split(separator: " ")
        return words.dropFirst().first.flatMap { Int($0) }
    }
}
