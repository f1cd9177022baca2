import HostSystem
import Testing

@testable import portless

@Suite struct ResolutionTests {
    private let vpn = IPAddress(bytes: [10, 8, 0, 1])

    @Test func `a name that leads here for both families is fine`() {
        let both = [IPAddress.loopbackIPv6, .loopbackIPv4]
        #expect(Resolution.finding(for: "app.localhost", addresses: both) == nil)
    }

    @Test func `an unknown name, a foreign address and a missing family are told`() throws {
        func finding(_ addresses: [IPAddress]) throws -> Finding {
            try #require(Resolution.finding(for: "app.localhost", addresses: addresses))
        }
        #expect(try finding([]).status == .warn)
        let overridden = try finding([.loopbackIPv4, #require(vpn)])
        #expect(overridden.status == .warn)
        #expect(overridden.text.contains("resolves to 10.8.0.1"))
        let first = try finding([.loopbackIPv4])
        #expect(first.text.contains("IPv4 only"))
        let second = try finding([.loopbackIPv6])
        #expect(second.text.contains("IPv6 only"))
    }
}
