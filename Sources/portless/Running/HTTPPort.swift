import NIOCore
import NIOHTTP1
import PortlessCore

/// Finds the port behind which there are pages.
enum HTTPPort {
    private static let answerLimit = TimeAmount.seconds(2)
    /// What a debugger's port or one for WebSockets only says to a plain request.
    private static let refusals: Set = [400, 426]

    /// The first port that speaks HTTP; one that only refuses comes after all others.
    static func first(of ports: [Port], host: Hostname?) -> Port? {
        var refusing: Port?
        for port in ports {
            guard let status = status(port, host) else { continue }
            guard refusals.contains(status) else { return port }
            refusing = refusing ?? port
        }
        return refusing
    }

    private static func status(_ port: Port, _ host: Hostname?) -> Int? {
        for address in ["127.0.0.1", "::1"] {
            let request = LocalRequest(
                method: .HEAD,
                host: host?.description ?? "localhost",
                address: address,
                port: port.number,
                limit: answerLimit,
            )
            if let answer = try? waiting(for: { try await request.send() }) { return answer.status }
        }
        return nil
    }
}
