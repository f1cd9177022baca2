import NIOCore
import Testing

@testable import Proxy

@Suite struct ChunkedDecoderTests {
    private struct Outcome: Equatable {
        var data = ""
        var trailers: String?
        var rest = ""
    }

    /// Decodes `text` as it arrives in pieces of `size` bytes.
    private func decode(_ text: String, size: Int) throws -> Outcome {
        var decoder = ChunkedDecoder()
        var outcome = Outcome()
        var pending = ByteBuffer()
        var input = ByteBuffer(string: text)
        while let piece = input.readSlice(length: min(size, max(input.readableBytes, 1))) {
            pending.writeImmutableBuffer(piece)
            var position = 0
            events: while true {
                switch try decoder.next(pending.readableBytesUInt8Span, &position) {
                case .data(let range):
                    outcome.data += pending.slice(range).map { String(buffer: $0) } ?? ""
                case .end(let range):
                    outcome.trailers = pending.slice(range).map { String(buffer: $0) } ?? ""
                    pending.moveReaderIndex(forwardBy: position)
                    outcome.rest = String(buffer: pending) + String(buffer: input)
                    return outcome
                case .needMore: break events
                }
            }
            pending.moveReaderIndex(forwardBy: position)
        }
        return outcome
    }

    @Test(arguments: [1, 2, 3, 5, 7, 1000])
    func `finds data and end however the bytes are cut`(size: Int) throws {
        let outcome = try decode("5\r\nhello\r\nA;x=y\r\n0123456789\r\n0\r\n\r\nnext", size: size)
        #expect(outcome == Outcome(data: "hello0123456789", trailers: "", rest: "next"))
    }

    @Test(arguments: [1, 2, 3, 5, 1000])
    func `reads trailers`(size: Int) throws {
        let outcome = try decode("1\r\na\r\n0\r\nA: b\r\nC: d\r\n\r\n", size: size)
        #expect(outcome == Outcome(data: "a", trailers: "A: b\r\nC: d\r\n", rest: ""))
    }

    @Test(arguments: [
        "\r\n", "g\r\n", "-1\r\na", "0x1\r\na", "1\na", "1\r\nab\r\n", "1\r\na\n",
        "FFFFFFFFFFFFFFFF\r\n", "1;a\u{0}\r\na", " 1\r\na", "1\r\na\r\n0\r\nbad trailer\r\n\r\n",
        "1;a\rb\r\na", "1;a\nb\r\na", "0\r\nContent-Length: 5\r\n\r\n",
        "0\r\nTransfer-Encoding: chunked\r\n\r\n", "5 5\r\nhello\r\n", "3 zz\r\nabc\r\n",
        "1 \t1\r\na", "1 \u{0}\r\na", "1 \na",
    ])
    func `refuses what is not a chunk`(text: String) {
        #expect(throws: HeadError.self) { try decode(text, size: 1000) }
        #expect(throws: HeadError.self) { try decode(text, size: 1) }
    }

    @Test(arguments: [1, 2, 1000])
    func `lets blanks stand before an extension or the end of a size`(size: Int) throws {
        let outcome = try decode("1 \t\r\na\r\n2 ; x = y\r\nbc\r\n0 \r\n\r\n", size: size)
        #expect(outcome == Outcome(data: "abc", trailers: "", rest: ""))
    }

    @Test func `bounds extensions and trailers`() {
        let long = String(repeating: "a", count: 20_000)
        #expect(throws: HeadError.self) { try decode("1;\(long)\r\na", size: 1000) }
        let blanks = String(repeating: " ", count: 20_000)
        #expect(throws: HeadError.self) { try decode("1\(blanks)\r\na", size: 1000) }
        #expect(throws: HeadError.self) { try decode("0\r\na: \(long)", size: 1000) }
    }
}
