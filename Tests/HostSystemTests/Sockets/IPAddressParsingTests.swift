import HostSystem
import Testing

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
