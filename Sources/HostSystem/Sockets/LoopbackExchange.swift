import CHostSystem
import SystemPackage

/// One short request to a port of this machine, without a thread or an event loop.
///
/// Commands use it to find out who listens: an event loop takes longer to start than the answer.
package enum LoopbackExchange {
    /// The head of every answer is shorter than this; what follows it is not read.
    private static let capacity = 8 * 1024

    /// The answer up to its first empty line; nil if no connection is accepted or time runs out.
    package static func head(
        of request: String,
        port: UInt16,
        address: IPAddress = .loopbackIPv4,
        limitInMilliseconds: Int32,
    ) -> String? {
        exchange(
            request,
            with: SocketAddress(address, port: port),
            limitInMilliseconds: limitInMilliseconds,
        )
    }

    /// Whether anything accepts connections on the port, on either loopback address.
    package static func isListening(port: UInt16, limitInMilliseconds: Int32) -> Bool {
        [IPAddress.loopbackIPv4, .loopbackIPv6].contains { address in
            let peer = SocketAddress(address, port: port)
            return exchange("", with: peer, limitInMilliseconds: limitInMilliseconds) != nil
        }
    }

    /// What a server that speaks first says within the time; nil where it says nothing.
    package static func greeting(port: UInt16, limitInMilliseconds: Int32) -> String? {
        [IPAddress.loopbackIPv4, .loopbackIPv6].lazy.map { address in
            perform(
                nil,
                with: SocketAddress(address, port: port),
                limitInMilliseconds: limitInMilliseconds,
            ).answer
        }
        .first { !$0.isEmpty }
    }

    /// What a server did with a request.
    package enum Outcome: Hashable, Sendable {
        /// No connection was accepted.
        case refused
        /// It sent nothing in time.
        case silent
        /// It closed the connection without a word.
        case closed
        /// The beginning of what it sent, whatever that is.
        case answer(String)
    }

    /// What becomes of a request, for callers to whom each kind of failure means something else.
    package static func outcome(
        of request: String,
        port: UInt16,
        address: IPAddress,
        limitInMilliseconds: Int32,
    ) -> Outcome {
        let (failure, answer) = perform(
            request,
            with: SocketAddress(address, port: port),
            limitInMilliseconds: limitInMilliseconds,
        )
        if !answer.isEmpty { return .answer(answer) }
        return switch Errno(rawValue: failure) {
        case Errno(rawValue: 0), .connectionReset, .brokenPipe, .ioError: .closed
        case .timedOut: .silent
        default: .refused
        }
    }

    private static func exchange(
        _ request: String,
        with peer: SocketAddress,
        limitInMilliseconds: Int32,
    ) -> String? {
        let (failure, answer) = perform(
            request,
            with: peer,
            limitInMilliseconds: limitInMilliseconds,
        )
        return failure == 0 ? answer : nil
    }

    /// Without a request it waits for what the server says by itself.
    private static func perform(
        _ request: String?,
        with peer: SocketAddress,
        limitInMilliseconds: Int32,
    ) -> (failure: Int32, answer: String) {
        var raw = peer.raw
        var answer = [UInt8](repeating: 0, count: capacity)
        var received = 0
        let bytes = request.map { Array($0.utf8) }
        let failure = chs_exchange(
            &raw,
            bytes,
            bytes?.count ?? 0,
            &answer,
            capacity,
            limitInMilliseconds,
            &received,
        )
        return (failure, String(decoding: answer.prefix(received), as: UTF8.self))
    }
}
