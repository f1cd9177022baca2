import PortlessCore
import Testing

@testable import Projects

struct PrintedLeaseTests {
    @Test
    func `the PORTS object of a lease is read back as it was leased`() throws {
        let lease = try #require(
            PortLease(
                app: AppName(parsing: "shop"),
                ports: [
                    LeasedPort(label: "api", port: 5570, description: "REST API"),
                    LeasedPort(label: "devUi", port: 5571, description: "two\nlines"),
                ],
            )
        )
        let text = LeaseFormat.ecosystem.text(of: lease)
        let exports = try JavaScriptEvaluation.exports(text + "module.exports = PORTS;")
        #expect(exports.object?["DEV_UI"]?.text == "5571")
        #expect(exports.object?["API"]?.comment == "REST API")
    }
}
