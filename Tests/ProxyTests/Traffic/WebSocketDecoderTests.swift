import TestSupport
import Testing

@testable import Proxy

@Suite struct WebSocketDecoderTests {
    typealias Message = WebSocketDecoder.Message

    private static func frame(
        _ opcode: UInt8,
        _ payload: [UInt8],
        isLast: Bool = true,
        bits: UInt8 = 0,
        mask: [UInt8]? = nil,
    ) -> [UInt8] {
        var bytes = [(isLast ? 0x80 : 0) | bits | opcode]
        let masked: UInt8 = mask == nil ? 0 : 0x80
        if payload.count < 126 {
            bytes.append(masked | UInt8(payload.count))
        } else if payload.count < 65_536 {
            bytes += [masked | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        } else {
            bytes.append(masked | 127)
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: payload.count >> shift))
            }
        }
        guard let mask else { return bytes + payload }
        return bytes + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
    }

    private func read(
        _ bytes: [UInt8],
        pieces: Int = .max,
        keeping limit: Int = 8,
    ) -> (messages: [Message], isBroken: Bool) {
        var decoder = WebSocketDecoder(keeping: limit)
        var messages: [Message] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(pieces))
            rest = rest.dropFirst(piece.count)
            decoder.read(piece.span) { messages.append($0) }
        }
        return (messages, decoder.isBroken)
    }

    private static let mask: [UInt8] = [1, 2, 3, 4]

    @Test(arguments: [1, 2, 3, 7, .max])
    func `messages are read whole, masked or not, in pieces of any size`(pieces: Int) {
        let bytes =
            Self.frame(1, Array("hello".utf8), mask: Self.mask) + Self.frame(2, [])
            + Self.frame(1, Array("hel".utf8), isLast: false, mask: Self.mask)
            + Self.frame(9, [7]) + Self.frame(0, Array("lo, you".utf8), mask: Self.mask)
            + Self.frame(2, [UInt8](repeating: 9, count: 300))
            + Self.frame(2, [UInt8](repeating: 8, count: 70_000), mask: Self.mask)
            + Self.frame(1, [1, 2, 3], bits: 0x40) + Self.frame(10, []) + Self.frame(8, [3, 0xE8])
        let (messages, isBroken) = read(bytes, pieces: pieces)
        #expect(!isBroken)
        #expect(
            messages == [
                Message(kind: .text, size: 5, start: Array("hello".utf8)), Message(kind: .binary),
                Message(kind: .ping, size: 1, start: [7]),
                Message(kind: .text, size: 10, start: Array("hello, y".utf8)),
                Message(kind: .binary, size: 300, start: [UInt8](repeating: 9, count: 8)),
                Message(kind: .binary, size: 70_000, start: [UInt8](repeating: 8, count: 8)),
                Message(kind: .text, size: 3, isCompressed: true), Message(kind: .pong),
                Message(kind: .close, size: 2, start: [3, 0xE8]),
            ]
        )
    }

    @Test(
        arguments: [
            [0x83, 0], [0x8B, 0], [0xA1, 0], [0x91, 0], [0x80, 0], [0x09, 0], [0x89, 126, 0, 126],
            [0xC9, 0], [0x01, 0, 0x81, 0], [0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0],
        ] as [[UInt8]]
    )
    func `what is no frame ends the reading`(bytes: [UInt8]) {
        let (messages, isBroken) = read(bytes + Self.frame(1, [1]))
        #expect(isBroken)
        #expect(messages.isEmpty)
    }

    @Test func `bytes in pieces are the bytes at once, whatever they are`() {
        let seeds = [
            Self.frame(1, Array("hello".utf8), mask: Self.mask) + Self.frame(8, []),
            Self.frame(2, [1, 2], isLast: false) + Self.frame(9, []) + Self.frame(0, [3]),
            Self.frame(2, [UInt8](repeating: 9, count: 300), mask: Self.mask),
            [0x82, 127, 0x7F, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3],
        ]
        for var round in Fuzzing.rounds(default: 5_000) {
            let bytes = round.input(from: seeds, inserting: [[0x81], [0xFF], [0x7E], [0x7F]])
            let whole = read(bytes)
            let pieces = read(bytes, pieces: 1 + round.random.below(5))
            let isSame = whole.messages == pieces.messages && whole.isBroken == pieces.isBroken
            let isBounded = whole.messages.allSatisfy { $0.start.count <= min(8, $0.size) }
            guard !isSame || !isBounded else { continue }
            Issue.record("\(round): \(bytes)")
            return
        }
    }
}
