import CHostSystem

/// One short question to a port of this machine, asked without a thread or an event loop.
///
/// Commands use it to find out who listens: an event loop would take longer to start than the
/// whole answer.
package enum LoopbackExchange {
    /// Heads of answers are shorter than this; what comes behind it is not read.
    private static let capacity = 8 * 1024

    /// What came back up to the first empty line; nil where nobody accepts or time runs out.
    package static func head(
        of request: String,
        port: UInt16,
        address: IPAddress = .loopbackIPv4,
        limitInMilliseconds: Int32,
    ) -> String? {
        exchange(request, SocketAddress(address, port: port), limitInMilliseconds)
    }

    /// Whether anything accepts connections on the port, on either loopback address.
    package static func isListening(port: UInt16, limitInMilliseconds: Int32) -> Bool {
        [IPAddress.loopbackIPv4, .loopbackIPv6].contains { address in
            exchange("", SocketAddress(address, port: port), limitInMilliseconds) != nil
        }
    }

    private static func exchange(
        _ request: String,
        _ peer: SocketAddress,
        _ limitInMilliseconds: Int32,
    ) -> String? {
        var raw = peer.raw
        var answer = [UInt8](repeating: 0, count: capacity)
        var received = 0
        let bytes = Array(request.utf8)
        let failure = chs_exchange(
            &raw,
            bytes,
            bytes.count,
            &answer,
            capacity,
            limitInMilliseconds,
            &received,
        )
        guard failure == 0 else { return nil }
        return String(decoding: answer.prefix(received), as: UTF8.self)
    }
}
