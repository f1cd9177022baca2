import NIOCore
import Testing

@testable import Proxy

@Suite struct PostgreSQLStartTests {
    private func start(_ length: UInt32, _ code: UInt32, _ rest: String = "") -> PostgreSQLStart? {
        var bytes = ByteBuffer()
        bytes.writeInteger(length)
        bytes.writeInteger(code)
        bytes.writeString(rest)
        return PostgreSQLStart(bytes)
    }

    @Test func `tells the four messages apart`() {
        #expect(start(8, 80_877_103) == .encryption)
        #expect(start(8, 80_877_104) == .kerberos)
        #expect(start(16, 80_877_102, "12345678") == .cancellation)
        #expect(start(41, 0x0003_0000, "user") == .session)
        #expect(start(41, 0x0003_0002, "user") == .session)
    }

    @Test func `is nothing else that begins with a zero`() {
        #expect(start(9, 80_877_103) == nil)
        #expect(start(8, 80_877_105) == nil)
        #expect(start(8, 0x0002_0000) == nil)
        #expect(start(10_001, 0x0003_0000) == nil)
        #expect(PostgreSQLStart(ByteBuffer(bytes: [0, 0, 0, 8, 4, 210, 22])) == nil)
        #expect(PostgreSQLStart(ByteBuffer()) == nil)
    }

    @Test func `an error has a length and ends with a zero`() {
        let bytes = Array(PostgreSQLStart.error("3D000", "no").readableBytesView)
        #expect(bytes.first == UInt8(ascii: "E"))
        #expect(bytes[1..<5].elementsEqual([0, 0, 0, UInt8(bytes.count - 1)]))
        #expect(bytes.suffix(5) == [UInt8(ascii: "M"), 110, 111, 0, 0])
    }
}
