import HostSystem
import SystemPackage
import Testing

@testable import PortlessCore

struct PortClaimsTests {
    private let owner = Route.Owner.process(ProcessIdentity(pid: 8, startTime: 1))

    private func lease(_ app: String, _ labels: String..., first: Int) throws -> PortLease {
        let ports = try labels.enumerated().map { index, label in
            LeasedPort(label: label, port: try #require(Port(first + index)))
        }
        return try #require(PortLease(app: AppName(parsing: app), ports: ports))
    }

    private func route(
        _ name: String,
        _ port: Port,
        _ owner: Route.Owner,
        label: String? = nil,
        hasEnded: Bool = false,
    ) throws -> PortClaims.KnownRoute {
        let hostname = try #require(Hostname(name))
        let route = Route(hostname: hostname, port: port, owner: owner)
        return .init(route, label: label, hasEnded: hasEnded)
    }

    @Test
    func `a route names the claim of its port, and stands for itself elsewhere`() throws {
        let claims = PortClaims(
            leases: [try lease("shop", "api", first: 5570)],
            apps: [],
            routes: [
                try route("shop.localhost", 5570, owner),
                try route("api.shop.localhost", 5570, owner),
                try route("blog.localhost", 4100, owner, hasEnded: true),
                try route("fix.blog.localhost", 4567, owner),
                try route("fixed.localhost", 9123, owner),
            ],
        ).list
        #expect(
            claims.map(\.name?.description) == [
                "shop.localhost", "blog.localhost", "fix.blog.localhost", "fixed.localhost",
            ]
        )
        #expect(claims.map(\.app) == ["shop", "blog", "fix.blog", "fixed"])
        #expect(claims.map(\.origin) == [.leased, .ephemeral, .ephemeral, .declared])
        #expect(claims.map(\.run) == [.running, .ended, .running, .running])
    }

    @Test
    func `a port that portless.json labels is shown by its label, with all its names`() throws {
        let claims = PortClaims(
            leases: [],
            apps: [],
            routes: [
                try route("decl.localhost", 9123, owner),
                try route("ui.decl.localhost", 9123, owner, label: "ui"),
                try route("devui.decl.localhost", 9124, owner, label: "devUi"),
            ],
        ).list
        #expect(claims.map(\.label) == ["ui", "devUi"])
        let names = claims.map { $0.names.map(\.description) }
        #expect(names == [["decl.localhost", "ui.decl.localhost"], ["devui.decl.localhost"]])
        let table = PortTable(claims: claims, listeners: [])
        #expect(
            table.explanation(of: 9123, plan: PortPlan(ranges: []))[0].hasSuffix(
                " decl.localhost leads there. So does ui.decl.localhost."
            )
        )
    }

    @Test
    func `instances are called by their names, and are their app's`() throws {
        let processes = [27610, 27611].enumerated().map { number, port in
            var process = SupervisedProcess(name: "inst-\(number)", state: .online)
            process.primaryPort = Port(port)
            process.ports = [.init(label: "api", port: Port(port) ?? 1)]
            return process
        }
        let claims = PortClaims(
            leases: [],
            apps: [],
            supervised: [
                SupervisedApp(
                    name: try AppName(parsing: "shop"),
                    directory: "/src/shop",
                    processes: processes,
                )
            ],
            routes: [
                try route("shop.localhost", 27610, owner),
                try route("inst-0.shop.localhost", 27610, owner),
                try route("inst-1.shop.localhost", 27611, owner),
            ],
        ).list
        #expect(claims.map(\.app) == ["shop", "shop"])
        #expect(claims.map { $0.names.map(\.description) }.joined().count == 3)
    }

    @Test
    func `a name below an app is the app's only where it has that label`() throws {
        let claims = PortClaims(
            leases: [try lease("shop", "api", "ui", first: 5570)],
            apps: [],
            routes: [],
            tlds: [.localhost, try TLD(parsing: "dev.example.com")],
        )
        let names = [
            ("shop.localhost", "shop"), ("api.shop.localhost", "shop"),
            ("ui.shop.dev.example.com", "shop"), ("admin.shop.localhost", "admin.shop"),
            ("fix.shop.localhost", "fix.shop"), ("old.test", "old"),
        ]
        for (name, app) in names {
            #expect(claims.app(of: try #require(Hostname(name))) == app)
        }
    }

    @Test
    func `an alias is a name of the port's app; two runs with one port are both shown`() throws {
        let claims = PortClaims(
            leases: [try lease("shop", "db", first: 5570)],
            apps: [],
            routes: [
                try route("store.localhost", 5570, .alias),
                try route("box.localhost", 8080, .alias),
                try route("one.localhost", 4100, owner),
                try route("two.localhost", 4100, owner),
            ],
        ).list
        #expect(claims.map(\.app) == ["shop", "box", "one", "two"])
        #expect(claims.map(\.origin) == [.leased, .alias, .ephemeral, .ephemeral])
        #expect(claims[0].name?.description == "store.localhost")
        #expect(PortTable(claims: claims, listeners: []).rows.count { $0.state == .conflict } == 2)
    }

    @Test
    func `what an app declares has its place, and its folder also for what it leases`() throws {
        let source = PortSource(
            label: "api",
            port: 5590,
            location: SourceLocation(file: "ecosystem.config.cjs", line: 3),
            rule: "env PORT",
            description: "REST",
        )
        let app = RegisteredApp(
            id: "1",
            name: "shop",
            directory: "/src/shop",
            processes: [
                DetectedProcess(
                    name: "shop-api",
                    ports: [.init(label: "api", port: 5590)],
                    sources: [source],
                )
            ],
            now: "2026",
        )
        let claims = PortClaims(
            leases: [try lease("shop", "ui", first: 5570)],
            apps: [app],
            routes: [],
        ).list
        #expect(claims.map(\.port) == [5570, 5590])
        #expect(claims.map(\.provenance) == [nil, "ecosystem.config.cjs:3"])
        #expect(claims.map(\.description) == [nil, "REST"])
        #expect(claims.map(\.directory) == ["/src/shop", "/src/shop"])
    }

    @Test
    func `what was brought up has its ports, and crashes while its keeper lives`() throws {
        var api = SupervisedProcess(name: "api", state: .crashLooping)
        api.ports = [.init(label: "api", port: 5570)]
        api.primaryPort = 5570
        var web = SupervisedProcess(name: "web", state: .online)
        web.primaryPort = 4100
        let app = SupervisedApp(
            name: try AppName(parsing: "shop"),
            directory: "/src/shop",
            processes: [api, web],
        )
        let claims = PortClaims(
            leases: [try lease("shop", "api", first: 5570)],
            apps: [],
            supervised: [app],
            routes: [
                try route("api.shop.localhost", 5570, owner),
                try route("shop.localhost", 4100, owner),
            ],
        ).list
        #expect(claims.map(\.label) == ["api", "app"])
        #expect(claims.map(\.origin) == [.leased, .ephemeral])
        #expect(claims.map(\.run) == [.ended, .running])
        #expect(claims.map(\.directory) == ["/src/shop", "/src/shop"])
        let rows = PortTable(claims: claims, listeners: []).rows
        #expect(rows.map(\.state) == [.free, .crashed])
    }

    @Test
    func `a name of one of a kept app's labels is that app's`() throws {
        var api = SupervisedProcess(name: "api", state: .online)
        api.ports = [.init(label: "api", port: 5580)]
        let app = SupervisedApp(
            name: try AppName(parsing: "shop"),
            directory: "/src/shop",
            processes: [api],
        )
        let claims = PortClaims(
            leases: [],
            apps: [],
            supervised: [app],
            routes: [try route("api.shop.localhost", 5580, owner)],
        )
        #expect(claims.list.map(\.app) == ["shop"])
        #expect(claims.list.map { $0.name?.description } == ["api.shop.localhost"])
        #expect(claims.app(of: try #require(Hostname("api.shop.localhost"))) == "shop")
    }
}
