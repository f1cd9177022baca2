import Testing

@testable import PortlessCore

@Suite struct RemoteReportTests {
    private func names(_ line: String, under own: [TLD] = [.localhost]) throws -> [String] {
        let report = try #require(RemoteReport(line: line))
        return report.mirrored(as: "box", under: own)
            .map { "\($0.hostname) \($0.remote)" }
    }

    private func route(_ name: String, pid: Int = 7, _ more: String = "") -> String {
        #"{"hostname": "\#(name)", "port": 4001, "pid": \#(pid)\#(more)}"#
    }

    @Test func `living names get the machine's label`() throws {
        let routes = [
            route("shop.localhost"), route("api.shop.localhost", #", "label": "api""#),
            route("gone.localhost", pid: 8), route("db.localhost", pid: 0),
        ]
        #expect(
            try names("443 - ,8,9 [\(routes.joined(separator: ", "))]") == [
                "shop.box.localhost shop.localhost", "api.shop.box.localhost api.shop.localhost",
                "db.box.localhost db.localhost",
            ]
        )
    }

    private func route(_ name: String, _ more: String) -> String { route(name, pid: 7, more) }

    @Test func `names under several TLDs are mirrored once under each here`() throws {
        let routes = "[\(route("shop.test")), \(route("shop.localhost")), \(route("old.dev"))]"
        let test = try TLD(parsing: "test")
        #expect(
            try names("1355 localhost,test, - \(routes)", under: [.localhost, test]) == [
                "shop.box.localhost shop.test", "shop.box.test shop.test",
            ]
        )
    }

    @Test func `what that machine mirrors itself isn't mirrored again`() throws {
        let routes = "[\(route("shop.here.localhost", #", "remote": "here""#))]"
        #expect(try names("443 - - \(routes)") == [])
    }

    @Test func `without a proxy or routes there are no names`() throws {
        let report = try #require(RemoteReport(line: "- - - -"))
        #expect(report.proxyPort == nil && report.hostnames.isEmpty)
        #expect(RemoteReport(line: "99999 - - []")?.proxyPort == nil)
    }

    @Test(arguments: [
        "", "443", "443 - -", "443 - - {", "443 - - {}", "443 - - [1", "Welcome to this machine",
        #"443 - - [{"hostname": "x", "port": 1e99, "pid": 1}]"#,
    ])
    func `anything else is no report`(line: String) {
        #expect(RemoteReport(line: line) == nil)
    }

    @Test func `hostile names are left out, and there is an end of them`() throws {
        let bad = ["../../etc", "a b", #"\u001b[2Jx.localhost"#, "-x.localhost", "x..localhost"]
        let good = (0..<5000).map { route("a\($0).localhost") }
        let line = "443 - - [\((bad.map { route($0) } + good).joined(separator: ","))]"
        let report = try #require(RemoteReport(line: line))
        #expect(report.hostnames.count == 1000 - bad.count)
        #expect(report.hostnames.first?.description == "a0.localhost")
    }
}
