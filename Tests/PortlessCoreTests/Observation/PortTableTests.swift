import Testing

@testable import PortlessCore

struct PortTableTests {
    private func claim(
        _ app: String,
        _ port: Port,
        origin: PortClaim.Origin = .leased,
        expected: Bool = false,
    ) -> PortClaim {
        PortClaim(
            app: app,
            label: "api",
            port: port,
            origin: origin,
            isExpectedToListen: expected,
        )
    }

    private func state(_ claims: [PortClaim], _ listeners: [ObservedListener]) -> PortRow.State? {
        PortTable(claims: claims, listeners: listeners).rows.first?.state
    }

    @Test
    func `every state of a port is told apart`() {
        let own = claim("a", 5570)
        #expect(state([own], []) == .leased)
        #expect(state([claim("a", 5570, origin: .declared)], []) == .free)
        #expect(state([claim("a", 5570, expected: true)], []) == .crashed)
        #expect(state([own, claim("b", 5570)], []) == .conflict)
        let listener = ObservedListener(
            port: 5570,
            address: "127.0.0.1",
            pid: 8,
            command: "node",
            app: "a",
        )
        #expect(state([own], [listener]) == .listening)
        var stranger = listener
        stranger.app = nil
        #expect(state([own], [stranger]) == .listening)
        stranger.app = "b"
        #expect(state([own], [stranger]) == .wrongProcess)
        var elsewhere = listener
        elsewhere.answersLoopback = false
        #expect(state([own], [elsewhere]) == .wrongAddress)
        var datagrams = listener
        datagrams.isDatagram = true
        #expect(state([own], [datagrams]) == .leased)
    }

    @Test
    func `the table shows gaps and infrastructure, the explanation sentences`() {
        let table = PortTable(
            claims: [claim("a", 5570), claim("a", 5572)],
            listeners: [
                ObservedListener(port: 5570, address: "::", pid: 8, command: "node", app: "a"),
                ObservedListener(port: 6379, address: "127.0.0.1"),
            ],
        )
        let expected = """
            APP    LABEL  PORT  ORIGIN    STATE      OWNER                   NAME
            a      api    5570  leased    listening  node (8)
            -      -      -
            a      api    5572  leased    leased
            -      -      -
            Redis  db     6379  declared  listening  another user's process
            """
        #expect(table.text == expected)
        #expect(
            table.explanation(of: 5570) == [
                "a has it as api, leased: listening.", "node (8) listens on ::.",
            ]
        )
        #expect(
            table.explanation(of: 6000) == [
                "Nothing listens on it.", "Browsers refuse to open it.",
            ]
        )
    }

    @Test
    func `a route names the claim of its port, and stands for itself elsewhere`() throws {
        let lease = try #require(
            PortLease(
                app: AppName(parsing: "shop"),
                ports: [LeasedPort(label: "api", port: 5570)],
            )
        )
        let routes = [
            Route(hostname: try #require(Hostname("shop.localhost")), port: 5570, owner: .alias),
            Route(hostname: try #require(Hostname("blog.localhost")), port: 4100, owner: .alias),
        ]
        let claims = PortClaims.all(leases: [lease], apps: [], routes: routes) { $0.port == 4100 }
        #expect(claims.map(\.name?.description) == ["shop.localhost", "blog.localhost"])
        #expect(claims.map(\.app) == ["shop", "blog"])
        #expect(PortTable(claims: claims, listeners: []).rows.map(\.state) == [.crashed, .leased])
    }
}
