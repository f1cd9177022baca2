import Testing

@testable import Proxy

@Suite struct HeadScannerTests {
    @Test(arguments: 0..<20)
    func `ends text at control characters only, wherever they stand`(offset: Int) {
        for byte in UInt8.min...UInt8.max {
            // Neighbours that a comparison of whole words could confuse with the byte.
            for filler in [UInt8(ascii: "a"), 0x20, 0x7E, 0x80, 0xFF] {
                var bytes = [UInt8](repeating: filler, count: 24)
                bytes[offset] = byte
                let isText = byte >= 0x20 && byte != 0x7F || byte == 0x09
                #expect(HeadScanner.endOfText(bytes.span, from: 0) == (isText ? 24 : offset))
            }
        }
    }

    @Test func `lists what stands between commas`() {
        let bytes = Array(", close ,,\tkeep-alive,".utf8)
        var list = CommaList(ByteRange(start: 0, end: bytes.count))
        var found: [String] = []
        while let element = list.next(bytes.span) {
            found.append(String(decoding: bytes[element.start..<element.end], as: UTF8.self))
        }
        #expect(found == ["close", "keep-alive"])
    }
}
