import HostSystem
import SystemPackage
import Testing

@testable import PortlessCore

@Suite struct RouteEntryTests {
    private func entry(_ text: String) throws -> RouteEntry? {
        RouteEntry(try JSONValue(parsing: text.utf8))
    }

    @Test func `a route survives being written and read`() throws {
        let route = Route(
            hostname: try #require(Hostname("grpc.localhost")),
            port: 4001,
            owner: .process(ProcessIdentity(pid: 12, startTime: 34, namespace: 56)),
            upstreamProtocol: .h2c,
        )
        let text = JSONValue.object(RouteEntry(route).json).compact
        #expect(try entry(text)?.route == route)
        #expect(text.hasPrefix(#"{"hostname":"grpc.localhost","port":4001,"pid":12,"#))
    }

    @Test func `an alias is an entry with PID 0 and nothing else`() throws {
        let alias = Route(
            hostname: try #require(Hostname("db.localhost")),
            port: 5432,
            owner: .alias,
        )
        let text = JSONValue.object(RouteEntry(alias).json).compact
        #expect(text == #"{"hostname":"db.localhost","port":5432,"pid":0}"#)
        #expect(try entry(text)?.route == alias)
    }

    @Test(arguments: [
        Route.Place.port(4001), .socket("/run/app.sock"),
    ])
    func `every kind of upstream survives being written and read`(place: Route.Place) throws {
        let protocols: [Route.UpstreamProtocol] = [
            .http1, .h2c, .https(UpstreamTLS()),
            .https(UpstreamTLS(serverName: "localhost", isInsecure: true)),
        ]
        for upstreamProtocol in protocols {
            let route = Route(
                hostname: try #require(Hostname("app.localhost")),
                path: try RoutePath(parsing: "/api", isStripped: true),
                at: place,
                owner: .alias,
                upstreamProtocol: upstreamProtocol,
                worktree: "feat",
            )
            let text = JSONValue.object(RouteEntry(route).json).compact
            #expect(try entry(text)?.route == route)
        }
    }

    @Test func `a socket's entry has the number that the original needs`() throws {
        let route = Route(
            hostname: try #require(Hostname("app.localhost")),
            at: .socket("/run/app.sock"),
            owner: .alias,
        )
        let text = JSONValue.object(RouteEntry(route).json).compact
        #expect(
            text
                == #"{"hostname":"app.localhost","port":0,"pid":0,"socket":"/run/app.sock"}"#
        )
    }

    @Test(arguments: [
        #""pathPrefix":"api""#, #""pathPrefix":"/../x""#, #""pathPrefix":7"#,
        #""socket":"relative.sock","port":0"#,
    ])
    func `a route that can't be understood leads nowhere rather than everywhere`(
        fields: String
    ) throws {
        let port = fields.contains("port") ? "" : #","port":4001"#
        let read = try entry(#"{"hostname":"a.localhost","pid":0,\#(fields)\#(port)}"#)
        #expect(read?.route == nil)
    }

    @Test func `a path of another writer may be the whole host, or end with a slash`() throws {
        func path(_ text: String) throws -> RoutePath? {
            let text = #"{"hostname":"a.localhost","port":1,"pid":0,"pathPrefix":"\#(text)"}"#
            return try #require(try entry(text)?.route).path
        }
        #expect(try path("/") == nil)
        #expect(try path("/api/")?.prefix == "/api")
    }

    @Test func `the group of a run's command stands beside its route`() throws {
        var entry = try #require(try entry(#"{"hostname":"a.localhost","port":4001,"pid":1}"#))
        entry.setChild(ProcessIdentity(pid: 12, startTime: 34))
        #expect(entry.json["childPgid"] == .integer(12))
        #if os(Linux)
        #expect(entry.json["childStartTime"] == .string("34"))
        #endif
        entry.move(to: 4002)
        #expect(entry.json["childPgid"] == .integer(12))
    }

    @Test func `the names that an app is shared under lead to it`() throws {
        let text = #"""
            {"hostname":"a.localhost","port":4001,"pid":1,
            "tailscaleUrl":"https://Box.ts.net:8443/","ngrokUrl":"https://x.ngrok.app"}
            """#
        let authorities = try entry(text)?.route?.sharedAuthorities
        #expect(authorities == ["box.ts.net:8443", "x.ngrok.app"])
    }

    @Test(arguments: [
        #"{"hostname":"a","port":1}"#, #"{"hostname":1,"port":1,"pid":1}"#,
        #"{"hostname":"a","port":"1","pid":1}"#, #"{"hostname":"a","port":1,"pid":"1"}"#,
        "[]", "null",
    ])
    func `without name, port and PID it is no entry`(text: String) throws {
        #expect(try entry(text) == nil)
    }

    @Test func `an entry that can't be routed to is still an entry`() throws {
        let strange = try #require(try entry(#"{"hostname":"a b","port":70000,"pid":1}"#))
        #expect(strange.route == nil)
    }

    @Test(arguments: [
        #"[{"hostname":"a.localhost","port":99999999999999999999,"pid":0}]"#,
        #"[{"hostname":"a.localhost","port":4001,"pid":99999999999999999999}]"#,
    ])
    func `a number that no port and no process can have is damage, and no entry less`(
        text: String
    )
        throws
    {
        let error = #expect(throws: RoutesFileProblem.self) {
            try RoutesDocument(parsing: Array(text.utf8))
        }
        #expect(error?.description.contains("\"a.localhost\"") == true)
    }
}
