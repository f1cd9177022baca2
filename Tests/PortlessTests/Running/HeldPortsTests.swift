import PortlessCore
import Testing

@testable import portless

@Suite struct HeldPortsTests {
    private func names() throws -> RouteNames {
        RouteNames(
            own: [try #require(Hostname("shop.localhost"))],
            labels: [
                RouteLabel(
                    label: "api",
                    hostname: try #require(Hostname("api.shop.localhost")),
                    port: 4002,
                )
            ],
        )
    }

    @Test func `a port with a name is refused while another program has it`() throws {
        let names = try names()
        #expect(throws: Never.self) { try HeldPorts.refuse(names, assigned: 4001) { _ in nil } }
        let own = #expect(throws: Failure.self) {
            try HeldPorts.refuse(names, assigned: 4001) { $0 == 4001 ? "node (7)" : nil }
        }
        #expect(own?.sentence == "Port 4001, for shop.localhost, is held by node (7).")
        let labeled = #expect(throws: Failure.self) {
            try HeldPorts.refuse(names, assigned: 4001) { $0 == 4002 ? "node (7)" : nil }
        }
        #expect(labeled?.sentence == "Port 4002, for api.shop.localhost, is held by node (7).")
        #expect(labeled?.remedy?.contains("portless ports kill 4002") == true)
    }

    @Test func `a program without a name may find its port held`() throws {
        #expect(throws: Never.self) {
            try HeldPorts.refuse(RouteNames(), assigned: 4001) { _ in "node (7)" }
        }
    }
}
