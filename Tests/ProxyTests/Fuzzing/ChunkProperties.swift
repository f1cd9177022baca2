import NIOCore

@testable import Proxy

/// What has to hold for any bytes that claim to be a chunked body.
enum ChunkProperties {
    private struct Outcome: Equatable {
        var data: [UInt8] = []
        var trailers: [UInt8]?
        var consumed = 0
        var isRefused = false
    }

    /// A body that comes in pieces is the body that comes at once.
    static func violation(_ bytes: [UInt8], pieceSizes: [Int]) -> String? {
        let whole = decode(bytes, pieceSizes: [max(bytes.count, 1)])
        let pieces = decode(bytes, pieceSizes: pieceSizes)
        // Trailers in pieces are only read once they may be whole, so they are refused later.
        if whole.isRefused {
            return pieces.trailers == nil ? nil : "accepted in pieces only"
        }
        if pieces.isRefused { return "refused in pieces only" }
        if whole.data != pieces.data { return "pieces give other data" }
        if whole.trailers != pieces.trailers { return "pieces give other trailers" }
        if whole.trailers != nil, whole.consumed != pieces.consumed { return "another end" }
        if let trailers = whole.trailers, !trailers.isEmpty {
            let head = Array("X\r\n".utf8) + trailers + Array("\r\n".utf8)
            guard MessageText(head) != nil else { return "accepted trailers that are not clean" }
        }
        return passedOnViolation(bytes, whole, pieceSizes)
    }

    private static func decode(_ bytes: [UInt8], pieceSizes: [Int]) -> Outcome {
        var decoder = ChunkedDecoder()
        var outcome = Outcome()
        var start = 0
        var end = 0
        var turn = 0
        while end < bytes.count {
            end = min(end + pieceSizes[turn % pieceSizes.count], bytes.count)
            turn += 1
            let window = Array(bytes[start..<end])
            var position = 0
            do {
                events: while true {
                    switch try decoder.next(window.span, &position) {
                    case .data(let range): outcome.data += window[range.start..<range.end]
                    case .end(let range):
                        outcome.trailers = Array(window[range.start..<range.end])
                        outcome.consumed = start + position
                        return outcome
                    case .needMore: break events
                    }
                }
            } catch {
                outcome.isRefused = true
                return outcome
            }
            start += position
            outcome.consumed = start
        }
        return outcome
    }

    /// The bytes that go on to the upstream are those that were validated.
    private static func passedOnViolation(
        _ bytes: [UInt8],
        _ whole: Outcome,
        _ pieceSizes: [Int],
    ) -> String? {
        var body = RequestBody(.chunked)
        var inbound = ByteBuffer()
        var passed: [UInt8] = []
        var rest = bytes[...]
        var turn = 0
        while !rest.isEmpty, !body.isComplete {
            inbound.writeBytes(rest.prefix(pieceSizes[turn % pieceSizes.count]))
            rest = rest.dropFirst(pieceSizes[turn % pieceSizes.count])
            turn += 1
            guard let part = try? body.take(from: &inbound) else { continue }
            passed += part.readableBytesView
        }
        if body.isComplete != (whole.trailers != nil) { return "the body ends elsewhere" }
        guard body.isComplete else { return nil }
        return passed == Array(bytes.prefix(whole.consumed)) ? nil : "passed other bytes on"
    }

    static let seeds = [
        "5\r\nhello\r\n0\r\n\r\n",
        "1\r\na\r\n2;x=y\r\nbc\r\n0\r\nA: b\r\nC: d\r\n\r\nGET / HTTP/1.1",
        "10\r\n0123456789abcdef\r\nF \r\n0123456789abcde\r\n00\r\n\r\n", "0\r\n\r\n",
    ].map { Array($0.utf8) }

    static let words = [
        "\r\n", "\r", "\n", "\0", ";", " ", "0\r\n", "FFFFFFFFFFFFFFFF", "A: b\r\n", "0\r\n\r\n",
        "-", "5 5", " ;",
        "Content-Length: 5\r\n", "\r\n\r\n", "1\r\nx\r\n", "0x", "+1", "\t", ";a=\"b\"",
    ].map { Array($0.utf8) }
}
