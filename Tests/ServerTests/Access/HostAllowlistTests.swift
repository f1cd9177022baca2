import Testing

@testable import Server

@Suite struct HostAllowlistTests {
    private let usual = HostAllowlist(names: ["portless.localhost", "Box.Tail.ts.net"])

    @Test(arguments: [
        "localhost", "localhost:5555", "LOCALHOST:5555", "localhost.", "127.0.0.1:5555",
        "127.8.9.10", "[::1]:5555", "[::1]", "portless.localhost", "portless.localhost:1355",
        "box.tail.ts.net:5555",
    ])
    func `its own names are allowed`(authority: String) {
        #expect(usual.allows(authority))
    }

    @Test(arguments: [
        "", "evil.example", "localhost.evil.example", "evil.localhost", "192.168.1.5:5555",
        "[2001:db8::1]:5555", "127.0.0.1.evil.example", "127.evil", "[::1", "1.2.3.4.5",
    ])
    func `a name that was rebound is not`(authority: String) {
        #expect(!usual.allows(authority))
    }

    @Test func `addresses on the network count where it listens there`() {
        let exposed = HostAllowlist(names: [], allowsAddresses: true)
        #expect(exposed.allows("192.168.1.5:5555"))
        #expect(exposed.allows("[2001:db8::1]:5555"))
        #expect(!exposed.allows("evil.example"))
    }
}
