import Testing

@testable import HostSystem

struct LineSplitterTests {
    private func lines(_ pieces: [[UInt8]], longest: Int) -> [String] {
        var buffer = LineSplitter(longest: longest)
        var lines: [String] = []
        let take = { (line: UnsafeRawBufferPointer) in
            lines.append(String(decoding: line, as: UTF8.self))
        }
        for piece in pieces { piece.withUnsafeBytes { buffer.append($0, take) } }
        buffer.finish(take)
        return lines
    }

    @Test func `output is cut into lines, however it arrives`() {
        let pieces = ["one\ntw", "o\r\n\nthree"].map { Array($0.utf8) }
        #expect(lines(pieces, longest: 64) == ["one", "two", "", "three"])
    }

    @Test func `a line without an end is passed on in pieces`() {
        let lines = lines([[UInt8](repeating: 0x78, count: 150_000)], longest: 65_536)
        #expect(lines.map(\.utf8.count) == [65_536, 65_536, 150_000 - 2 * 65_536])
    }

    @Test func `a line longer than the limit comes in pieces that aren't`() {
        let long = Array(repeating: UInt8(ascii: "z"), count: 25)
        let expected = ["zzzzzzzzzz", "zzzzzzzzzz", "zzzzz", "b"]
        #expect(lines([long + Array("\nb\n".utf8)], longest: 10) == expected)
        // A long end meets a long beginning that is pending.
        #expect(
            lines(
                [Array(long.prefix(9)), Array(long.dropFirst(9)) + Array("\nb".utf8)],
                longest: 10,
            )
                == expected
        )
    }

    @Test func `a line of just the greatest length is one line`() {
        let full = Array("0123456789\n".utf8)
        #expect(lines([full, full], longest: 10) == ["0123456789", "0123456789"])
        #expect(lines([Array(full.dropLast()), [0x0A]], longest: 10) == ["0123456789"])
        #expect(lines([Array(full.dropLast())], longest: 10) == ["0123456789"])
    }

    @Test func `a carriage return goes where a line ends, not where a piece does`() {
        #expect(lines([Array("a\r\n\r\nb\r".utf8)], longest: 10) == ["a", "", "b"])
        #expect(lines([Array("123\r45\n".utf8)], longest: 4) == ["123\r", "45"])
    }

    @Test(arguments: 1...12) func `however the bytes arrive, the lines are the same`(size: Int) {
        let text = Array("a\n\nlonger than the limit of ten\r\n1234567890\nend".utf8)
        let pieces = stride(from: 0, to: text.count, by: size).map {
            Array(text[$0..<min($0 + size, text.count)])
        }
        #expect(lines(pieces, longest: 10) == lines([text], longest: 10))
    }
}
