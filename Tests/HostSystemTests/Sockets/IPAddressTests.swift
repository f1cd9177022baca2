import HostSystem
import Testing

@testable import HostSystem

struct IPAddressTests {
    @Test(
        arguments: [
            ([0, 0, 0, 0, 0, 0, 0, 0], "::"),
            ([0, 0, 0, 0, 0, 0, 0, 1], "::1"),
            ([0xFE80, 0, 0, 0, 0, 0, 0, 0], "fe80::"),
            ([0x2001, 0xDB8, 0, 1, 0, 0, 0, 1], "2001:db8:0:1::1"),
            ([0x2001, 0xDB8, 0, 1, 1, 1, 1, 1], "2001:db8:0:1:1:1:1:1"),
            ([0x2001, 0xDB8, 0, 0, 1, 0, 0, 1], "2001:db8::1:0:0:1"),
        ] as [([UInt16], String)]
    )
    func `IPv6 is written canonically`(groups: [UInt16], text: String) {
        let bytes = groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        #expect(IPAddress(bytes: bytes)?.description == text)
    }

    @Test func `kinds of addresses are told apart`() throws {
        let mapped = try #require(
            IPAddress(bytes: [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF, 127, 0, 0, 1])
        )
        #expect(mapped.isLoopback)
        #expect(mapped.unmapped == .loopbackIPv4)
        #expect(IPAddress.loopbackIPv6.isLoopback)
        #expect(!IPAddress.anyIPv4.isLoopback)
        #expect(IPAddress.anyIPv6.isAny)
        #expect(IPAddress(bytes: [1, 2, 3] as [UInt8]) == nil)
        #expect(SocketAddress(.loopbackIPv6, port: 80).description == "[::1]:80")
        #expect(SocketAddress(.loopbackIPv4, port: 80).description == "127.0.0.1:80")
    }
}

@Suite struct IPAddressParsingTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("0.0.0.0", "0.0.0.0"),
        ("2001:db8:0:0:0:0:0:1", "2001:db8::1"),
    ])
    func `addresses are read as people write them`(text: String, expected: String) {
        #expect(IPAddress(text)?.description == expected)
    }

    @Test(arguments: ["", "localhost", "127.1", "1.2.3.4.5", "::1%lo", "[::1]", "256.0.0.1"])
    func `anything else is none`(text: String) {
        #expect(IPAddress(text) == nil)
    }
}
