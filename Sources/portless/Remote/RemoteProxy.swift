import HostSystem
import PortlessCore

/// The proxy of another machine, asked through a forwarded port.
struct RemoteProxy {
    /// Two round trips to the other end of the world.
    private static let limitInMilliseconds: Int32 = 3000
    /// As the proxy here forwards a request that came by TLS.
    private static let request = """
        HEAD / HTTP/1.1\r
        Host: portless.invalid\r
        X-Forwarded-Proto: https\r
        Connection: close\r
        \r

        """

    let host: RemoteHost
    let remotePort: Port

    /// Why it can't serve requests from here; nil if it can.
    func problem(on port: Port) -> SSHFailure? {
        let outcome = LoopbackExchange.outcome(
            of: Self.request,
            port: port.rawValue,
            address: .loopbackIPv4,
            limitInMilliseconds: Self.limitInMilliseconds,
        )
        guard case .answer(let head) = outcome else {
            return SSHFailure(
                sentence: "The proxy on port \(remotePort) of \(host) doesn't answer through ssh.",
                remedy: """
                    Its SSH server may not let port \(remotePort) be forwarded (AllowTcpForwarding, \
                    PermitOpen).
                    """,
            )
        }
        let lines = head.split(separator: "\r\n")
        guard lines.contains(where: { $0.lowercased() == "x-portless: 1" }) else {
            return SSHFailure(
                sentence: "What listens on port \(remotePort) of \(host) is no Portless proxy."
            )
        }
        let status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        guard !(300..<400).contains(status) else {
            return SSHFailure(
                sentence: "The proxy of \(host) takes HTTPS only.",
                remedy: """
                    Update Portless there, or let it listen without TLS, which ssh makes up for: \
                    portless proxy start --no-tls
                    """,
            )
        }
        return nil
    }
}
