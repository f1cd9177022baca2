import HostSystem
import PortlessCore
import Testing

@testable import Server

@Suite struct ServerConfigurationTests {
    private func configuration() -> ServerConfiguration {
        ServerConfiguration(port: 5555, mirrorPort: 5553, names: [], version: "1")
    }

    @Test(arguments: ["localhost", "127.0.0.1", "::1"])
    func `loopback is what it listens on anyway`(host: String) {
        var loopback = configuration()
        let isAddress = loopback.listen(on: host)
        #expect(isAddress)
        #expect(loopback.host == "127.0.0.1")
        #expect(loopback.addresses == [.loopbackIPv4, .loopbackIPv6])
    }

    @Test(arguments: ["127.0.0.2", "0.0.0", "my-host", ""])
    func `what is no address, or another one of loopback, is refused`(host: String) {
        var refused = configuration()
        let isAddress = refused.listen(on: host)
        #expect(!isAddress)
        #expect(refused.addresses == [.loopbackIPv4, .loopbackIPv6])
    }

    @Test func `an address of another computer is named as the fault, not the port`() {
        let failure = #expect(throws: ServerFailure.self) {
            _ = try BoundSockets.open([try #require(IPAddress("192.0.2.1"))], nil)
        }
        #expect(failure?.description.contains("none of this computer's") == true)
    }
}
