import Testing

@testable import PortlessCore

struct AppPortsTests {
    private struct Refused: Error {}

    private func app(_ name: String) throws -> AppName { try AppName(parsing: name) }

    private func lease(_ name: String, _ labels: String..., first: Int = 5570) throws -> PortLease {
        let ports = try labels.enumerated().map { index, label in
            LeasedPort(label: label, port: try #require(Port(first + index)))
        }
        return try #require(PortLease(app: app(name), ports: ports))
    }

    @Test(
        arguments: [
            (["api", "ui"], "ui"), (["api", "cdp"], "api"), (["web"], "web"),
            (["cdp", "health"], "health"), (["db", "cdp"], nil), (["web", "admin"], "web"),
            (["API", "ws"], "API"),
        ] as [([String], String?)]
    )
    func `the primary is ui, else api, else what speaks HTTP`(labels: [String], primary: String?) {
        let ports = AppPorts(labels.map { .init(label: $0, port: 5570) })
        #expect(ports.primaryLabel == primary)
    }

    @Test func `each label has a variable, and a name if it speaks HTTP`() throws {
        let ports = AppPorts(try lease("shop", "ui", "devUi", "cdp"))
        #expect(
            ports.environment
                == ["UI_PORT": "5570", "DEV_UI_PORT": "5571", "CDP_PORT": "5572"]
        )
        let names = try ports.names(of: app("shop"))
        #expect(names.map(\.name.description) == ["ui.shop", "devui.shop"])
        #expect(ports.fixing(4123).primary?.port == 4123)
        #expect(ports.fixing(4123).endpoints.map(\.port) == [4123, 5571, 5572])
    }

    @Test func `without a lease and a map each run gets any port`() throws {
        let other = try lease("blog", "api")
        let ports = try AppPorts.resolve(.init(app: app("shop")), among: [other]) { _, _ in
            throw Refused()
        }
        #expect(ports == nil)
    }

    @Test func `an app called by a label of another has that one's port, and no other name`() throws
    {
        let shop = try lease("shop", "api", "ui")
        let ports = try AppPorts.resolve(.init(app: app("api.shop")), among: [shop]) { _, _ in
            throw Refused()
        }
        #expect(ports?.primary?.port == 5570)
        #expect(ports?.environment == ["API_PORT": "5570", "UI_PORT": "5571"])
        #expect(try ports?.names(of: app("api.shop")).isEmpty == true)
        let other = try AppPorts.resolve(.init(app: app("admin.shop")), among: [shop]) { _, _ in
            throw Refused()
        }
        #expect(other == nil)
    }

    @Test func `a worktree leases what the app itself has`() throws {
        let shop = try lease("shop", "api", "ui")
        var asked: [String] = []
        let question = AppPorts.Question(app: try app("fix.shop"), base: try app("shop"))
        let ports = try AppPorts.resolve(question, among: [shop]) { name, requests in
            asked = [name.description] + requests.map(\.label)
            return try lease("fix.shop", "api", "ui", first: 5580)
        }
        #expect(asked == ["fix.shop", "api", "ui"])
        #expect(ports?.endpoints.map(\.port) == [5580, 5581])
    }

    @Test func `a worktree leases what the configuration has numbers for`() throws {
        let question = AppPorts.Question(
            app: try app("fix.shop"),
            base: try app("shop"),
            configured: [ConfiguredPort(label: "ui", port: 9100), ConfiguredPort(label: "api")],
        )
        let ports = try AppPorts.resolve(question, among: []) { name, requests in
            #expect(requests.map(\.label) == ["ui", "api"])
            return try lease("fix.shop", "ui", "api", first: 5580)
        }
        #expect(ports?.endpoints.map(\.port) == [5580, 5581])
    }

    @Test func `numbers of the configuration are taken, the other labels leased`() throws {
        let question = AppPorts.Question(
            app: try app("shop"),
            configured: [
                ConfiguredPort(label: "ui", port: 9100),
                ConfiguredPort(label: "api", description: "REST"),
                ConfiguredPort(label: "grpc", port: 9101, speaksHTTP: true),
            ],
        )
        let ports = try #require(
            try AppPorts.resolve(question, among: [try lease("shop", "old")]) { _, requests in
                #expect(requests.map(\.label) == ["api"])
                #expect(requests.map(\.description) == ["REST"])
                return try lease("shop", "old", "api")
            }
        )
        #expect(ports.endpoints.map(\.label) == ["ui", "api", "grpc", "old"])
        #expect(ports.endpoints.map(\.port) == [9100, 5571, 9101, 5570])
        #expect(try ports.names(of: app("shop")).map(\.name.description).contains("grpc.shop"))
    }
}
