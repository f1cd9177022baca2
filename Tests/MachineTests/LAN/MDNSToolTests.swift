import HostSystem
import PortlessCore
import Testing

@testable import Machine

@Suite struct MDNSToolTests {
    private let name = Hostname("myapp.local")
    private let address = IPAddress("192.168.1.20")

    @Test func `the tools are called as the npm original calls them`() throws {
        let (name, address) = (try #require(name), try #require(address))
        #expect(
            MDNSTool.avahi.arguments(name: name, address: address, port: 1355)
                == ["-R", "myapp.local", "192.168.1.20"]
        )
        #expect(
            MDNSTool.dnsServiceDiscovery.arguments(name: name, address: address, port: 1355) == [
                "-P", "myapp.local", "_http._tcp", "local", "1355", "myapp.local", "192.168.1.20",
            ]
        )
    }

    @Test(arguments: [
        ("Established under name 'myapp.local'", "myapp.local"),
        ("Name collision, picking new name 'myapp-2.local'.", "myapp-2.local"),
        ("Name collision, picking new name '(null)'.", "(null)"),
        ("Failed to create client object: Daemon not running", nil), ("", nil),
    ])
    func `Avahi says under which name it publishes`(line: String, published: String?) throws {
        #expect(MDNSTool.avahi.established(line, wanted: try #require(name)) == published)
    }

    @Test func `dns-sd says when it publishes`() throws {
        let name = try #require(name)
        let tool = MDNSTool.dnsServiceDiscovery
        let line = "12:00:00.0  Got a reply for service a: Name now registered and active"
        #expect(tool.established(line, wanted: name) == "myapp.local")
        #expect(tool.established("Registering Service a", wanted: name) == nil)
    }
}
