import PortlessCore
import Testing

@testable import portless

struct LeasedPortsTests {
    private func lease(_ app: String) throws -> PortLease {
        try #require(
            PortLease(
                app: AppName(parsing: app),
                ports: [LeasedPort(label: "api", port: 24010)],
            )
        )
    }

    @Test func `a port that is leased to another app is told with that app and a way out`() throws {
        let ports = AppPorts([.init(label: "ui", port: 24010), .init(label: "api", port: 24011)])
        let warnings = LeasedPorts.warnings(
            of: ports,
            app: try AppName(parsing: "decl"),
            leases: [try lease("o5")],
        )
        #expect(
            warnings == [
                "Port 24010, for ui, is leased to o5 as api. Choose another one here, or release that lease: `portless ports release o5`."
            ]
        )
        let fixed = LeasedPorts.warnings(
            of: nil,
            fixed: 24010,
            app: try AppName(parsing: "decl"),
            leases: [try lease("o5")],
        )
        #expect(fixed.count == 1)
    }

    @Test(arguments: ["o5", "api.o5"])
    func `an app's own lease, under its label's name too, is none of those`(name: String) throws {
        let warnings = LeasedPorts.warnings(
            of: AppPorts(try lease("o5")),
            app: try AppName(parsing: name),
            leases: [try lease("o5")],
        )
        #expect(warnings.isEmpty)
    }
}
