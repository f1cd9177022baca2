import HostSystem
import Testing

struct NameLookupTests {
    @Test func `numbers are addresses of their family`() {
        #expect(NameLookup.addresses(of: "127.0.0.1") == [.loopbackIPv4])
        #expect(NameLookup.addresses(of: "::1") == [.loopbackIPv6])
    }

    @Test func `localhost is this machine`() {
        let addresses = NameLookup.addresses(of: "localhost")
        #expect(!addresses.isEmpty)
        #expect(addresses.allSatisfy { $0.isLoopback })
    }
}
