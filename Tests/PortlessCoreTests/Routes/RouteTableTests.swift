import Testing

@testable import PortlessCore

@Suite struct RouteTableTests {
    private func table(_ names: [String], wildcards: Bool = false) throws -> RouteTable {
        RouteTable(
            routes: try names.enumerated().map { index, name in
                Route(
                    hostname: try #require(Hostname(name)),
                    port: try #require(Port(4000 + index)),
                    owner: .alias,
                )
            },
            usesWildcards: wildcards,
        )
    }

    private func find(_ authority: String, in table: RouteTable) -> Int? {
        table.index(forAuthority: Array(authority.utf8).span)
    }

    @Test func `finds a name in any case, with any port and with a trailing dot`() throws {
        let table = try table(["a.localhost", "b.localhost"])
        #expect(find("b.localhost", in: table) == 1)
        #expect(find("B.LocalHost:8443", in: table) == 1)
        #expect(find("b.localhost.", in: table) == 1)
        #expect(find("c.localhost", in: table) == nil)
        #expect(find("x.b.localhost", in: table) == nil)
        #expect(find("", in: table) == nil)
        #expect(find(":", in: table) == nil)
        #expect(find(".", in: table) == nil)
    }

    @Test func `takes the first of equal names`() throws {
        #expect(
            find("a.localhost", in: try table(["b.localhost", "a.localhost", "a.localhost"])) == 1
        )
    }

    @Test func `lets subdomains lead to the longest routed name`() throws {
        let table = try table(
            ["app.localhost", "api.app.localhost", "localhost"],
            wildcards: true,
        )
        #expect(find("x.y.api.app.localhost:443", in: table) == 1)
        #expect(find("x.app.localhost", in: table) == 0)
        #expect(find("app.localhost", in: table) == 0)
        #expect(find("other.localhost", in: table) == 2)
        #expect(find("notapp.test", in: table) == nil)
    }

    @Test func `finds a tunnel's authority with and without its port`() throws {
        var route = Route(
            hostname: try #require(Hostname("a.localhost")),
            port: 4000,
            owner: .alias,
        )
        route.sharedAuthorities = ["me.ts.net:8443"]
        let table = RouteTable(routes: [route], usesWildcards: false)
        #expect(find("me.ts.net:8443", in: table) == 0)
        #expect(find("ME.ts.net", in: table) == 0)
        #expect(find("you.ts.net", in: table) == nil)
    }

    @Test func `a tunnel's name with port 443 is the one without a port`() throws {
        let routes = try ["me.ts.net:8443", "me.ts.net"].enumerated().map { index, authority in
            var route = Route(
                hostname: try #require(Hostname("app-\(index).localhost")),
                port: 4000,
                owner: .alias,
            )
            route.sharedAuthorities = [authority]
            return route
        }
        let table = RouteTable(routes: routes, usesWildcards: false)
        #expect(find("me.ts.net:443", in: table) == 1)
        #expect(find("me.ts.net", in: table) == 1)
        #expect(find("me.ts.net:8443", in: table) == 0)
    }

    @Test func `finds each of a thousand names`() throws {
        let table = try table((0..<1000).map { "app-\($0).localhost" })
        for index in 0..<1000 { #expect(find("app-\(index).localhost", in: table) == index) }
    }

    // MARK: Paths

    private func pathTable(wildcards: Bool = false) throws -> RouteTable {
        let app = try #require(Hostname("app.localhost"))
        let other = try #require(Hostname("other.localhost"))
        let path = try RoutePath(parsing: "/api")
        var shared = Route(hostname: app, path: path, port: 4001, owner: .alias)
        shared.sharedAuthorities = ["me.ts.net"]
        return RouteTable(
            routes: [
                Route(hostname: other, port: 4000, owner: .alias), shared,
                Route(hostname: app, port: 4002, owner: .alias),
            ],
            usesWildcards: wildcards,
        )
    }

    private func match(
        _ authority: String,
        _ path: String,
        in table: RouteTable,
    ) -> PathRoutes.Match {
        table.match(authority: Array(authority.utf8).span, path: { Array(path.utf8) })
    }

    @Test func `the path decides among the apps of a host`() throws {
        let table = try pathTable()
        #expect(match("app.localhost", "/api/x", in: table) == .route(1))
        #expect(match("APP.localhost:443", "/", in: table) == .route(2))
        #expect(match("x.app.localhost", "/api", in: table) == .none)
        #expect(match("x.app.localhost", "/api", in: try pathTable(wildcards: true)) == .route(1))
        #expect(match("x.app.localhost", "/", in: try pathTable(wildcards: true)) == .route(2))
    }

    @Test func `the path isn't asked for where the host has no routes by it`() throws {
        let found = try pathTable().match(
            authority: Array("other.localhost".utf8).span,
            path: {
                Issue.record("asked for the path")
                return []
            },
        )
        #expect(found == .route(0))
    }

    @Test func `a tunnel leads to the one app that was shared, whatever the path`() throws {
        let table = try pathTable()
        #expect(match("me.ts.net", "/api", in: table) == .route(1))
        #expect(match("me.ts.net", "/", in: table) == .route(1))
    }
}
