import HostSystem
import Testing

@testable import PortlessCore

@Suite struct LANAddressTests {
    private static let hardware: [UInt8] = [0x02, 0x42, 0x0A, 0x00, 0x00, 0x01]

    private func interface(
        _ name: String,
        _ address: String,
        hardware: [UInt8] = Self.hardware,
    ) throws -> NetworkInterface {
        NetworkInterface(
            name: name,
            address: try #require(IPAddress(address)),
            prefixLength: 24,
            hardwareAddress: hardware,
        )
    }

    @Test func `the address that leads to the internet is the one`() throws {
        let interfaces = [
            try interface("eth0", "10.0.0.5"), try interface("wlan0", "192.168.1.20"),
        ]
        let outgoing = IPAddress("192.168.1.20")
        #expect(LANAddress.choose(outgoing: outgoing, among: interfaces) == outgoing)
        // A public one, too: the machine has no other.
        let server = [try interface("eth0", "203.0.113.5")]
        let address = IPAddress("203.0.113.5")
        #expect(LANAddress.choose(outgoing: address, among: server) == address)
        #expect(LANAddress.choose(outgoing: nil, among: server) == nil)
    }

    @Test(arguments: [
        ("tun0", [UInt8]()), ("tun0", [0, 0, 0, 0, 0, 0]), ("eth0", [0x00, 0x15, 0x5D, 1, 2, 3]),
        ("vEthernet (WSL)", Self.hardware), ("bridge100", Self.hardware),
    ])
    func `tunnels and switches of virtual machines are no local network`(
        name: String,
        hardware: [UInt8],
    ) throws {
        let interfaces = [try interface(name, "10.8.0.2", hardware: hardware)]
        let outgoing = IPAddress("10.8.0.2")
        #expect(LANAddress.choose(outgoing: outgoing, among: interfaces) == nil)
        // The network that the tunnel goes through is one.
        let both = interfaces + [try interface("wlan0", "192.168.1.20")]
        #expect(
            LANAddress.choose(outgoing: outgoing, among: both) == IPAddress("192.168.1.20")
        )
    }

    @Test func `loopback and what is down don't count`() throws {
        var loopback = try interface("lo", "127.0.0.1")
        loopback.isLoopback = true
        var down = try interface("eth0", "192.168.1.20")
        down.isUp = false
        #expect(LANAddress.choose(outgoing: down.address, among: [loopback, down]) == nil)
        #expect(LANAddress.choose(outgoing: loopback.address, among: [loopback, down]) == nil)
    }

    @Test func `without the internet the only network is the one`() throws {
        let one = [
            try interface("eth0", "192.168.1.20"), try interface("docker0", "172.17.0.1"),
            try interface("br-1f2e", "172.18.0.1"), try interface("eth0", "fe80::1"),
        ]
        #expect(LANAddress.choose(outgoing: nil, among: one) == IPAddress("192.168.1.20"))
        let two = one + [try interface("wlan0", "10.0.0.5")]
        #expect(LANAddress.choose(outgoing: nil, among: two) == nil)
        #expect(LANAddress.choose(outgoing: nil, among: []) == nil)
    }

    @Test(arguments: [
        ("10.1.2.3", true), ("172.16.0.1", true), ("172.32.0.1", false), ("192.168.9.9", true),
        ("169.254.3.4", true), ("8.8.8.8", false), ("100.64.0.1", false), ("fe80::1", true),
        ("fd12::1", true), ("2001:db8::1", false), ("::ffff:10.0.0.1", true),
        ("::ffff:8.8.8.8", false),
    ])
    func `private addresses are those of local networks`(text: String, isLocal: Bool) throws {
        #expect(try #require(IPAddress(text)).isLocal == isLocal)
    }

    @Test func `a network is what has the same leading bits`() throws {
        var interface = try interface("eth0", "203.0.113.130")
        interface.prefixLength = 25
        #expect(interface.reaches(try #require(IPAddress("203.0.113.200"))))
        #expect(!interface.reaches(try #require(IPAddress("203.0.113.5"))))
        #expect(interface.reaches(try #require(IPAddress("::ffff:203.0.113.200"))))
        #expect(!interface.reaches(try #require(IPAddress("2001:db8::1"))))
        interface.prefixLength = 0
        #expect(!interface.reaches(try #require(IPAddress("203.0.113.200"))))
    }

    @Test func `this machine's loopback interface is found`() {
        let loopback = NetworkInterface.all().first { $0.address == .loopbackIPv4 }
        #expect(loopback?.isLoopback == true)
        #expect(loopback?.prefixLength == 8)
    }
}
