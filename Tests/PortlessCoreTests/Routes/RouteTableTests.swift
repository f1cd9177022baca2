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
}
