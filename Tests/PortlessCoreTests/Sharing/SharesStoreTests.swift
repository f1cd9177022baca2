import HostSystem
import TestSupport
import Testing

@testable import PortlessCore

@Suite struct SharesStoreTests {
    private let gone = ProcessIdentity(pid: 999_999, startTime: 1)

    private func withStore(_ body: (SharesStore) throws -> Void) throws {
        try TemporaryDirectory.with { folder in
            try body(SharesStore(directory: StateDirectory(path: folder)))
        }
    }

    private func record(
        _ name: String = "shop.localhost",
        _ provider: SharingProvider = .ngrok,
    ) throws -> ShareRecord {
        ShareRecord(hostname: try #require(Hostname(name)), provider: provider, port: 4123)
    }

    @Test func `a record is read as it was written`() throws {
        try withStore { store in
            var record = try record()
            record.url = "https://a.ngrok.app"
            record.tunnel = .current
            record.expiresAt = Timestamp(seconds: 1_800_000_000)
            record.hasPassword = true
            record.isSeparate = true
            try store.put(record)
            var other = try self.record("blog.localhost", .funnel)
            other.httpsPort = 8443
            other.url = "https://box.ts.net:8443"
            try store.put(other)
            #expect(try store.list() == [record, other])
            #expect(try store.live().count == 2)
            try store.remove(record)
            #expect(try store.list() == [other])
        }
    }

    @Test func `what is known later takes the place of what was known`() throws {
        try withStore { store in
            var record = try record()
            try store.put(record)
            record.url = "https://a.ngrok.app"
            try store.put(record)
            #expect(try store.list() == [record])
        }
    }

    @Test func `two shares never get one port of Tailscale's`() throws {
        try withStore { store in
            var first = try record("a.localhost", .tailscale)
            first.httpsPort = 443
            try store.put(first)
            var second = try record("b.localhost", .funnel)
            second.httpsPort = 443
            #expect(throws: SharesStore.Failure.portTaken(443)) { try store.put(second) }
        }
    }

    @Test func `the shares of dead holders are left`() throws {
        try withStore { store in
            var left = try record()
            left.holder = gone
            try store.put(left)
            try store.put(record("b.localhost"))
            #expect(try store.left() == [left])
        }
    }

    @Test func `a file that can't be understood is kept, and named`() throws {
        try withStore { store in
            for text in ["{", "{}", "3"] {
                try store.directory.write(text, to: store.directory[.shares])
                #expect(throws: (any Error).self) { try store.put(record()) }
                #expect(try store.directory.text(of: .shares) == text)
            }
        }
    }

    @Test func `entries that make no sense are left out`() throws {
        try withStore { store in
            let text = #"""
                [3, {}, {"hostname":"-","provider":"ngrok","port":1,"holder":{"pid":5}},
                {"hostname":"a.localhost","provider":"x","port":1,"holder":{"pid":5}},
                {"hostname":"a.localhost","provider":"ngrok","port":70000,"holder":{"pid":5}},
                {"hostname":"a.localhost","provider":"ngrok","port":1,"holder":{"pid":-1}},
                {"hostname":"a.localhost","provider":"ngrok","port":1,"holder":{"pid":5},
                "url":"https://b.localhost","tunnel":{"pid":0}}]
                """#
            try store.directory.write(text, to: store.directory[.shares])
            let records = try store.list()
            #expect(records.count == 1)
            #expect(records.first?.url == nil)
            #expect(records.first?.tunnel == nil)
        }
    }

    @Test func `a route shows its addresses in the original's fields`() throws {
        let owner = Route.Owner.process(ProcessIdentity(pid: 5, startTime: nil))
        var entry = RouteEntry(
            Route(hostname: try #require(Hostname("shop.localhost")), port: 4123, owner: owner)
        )
        #expect(entry.reach == .loopback)
        var tailscale = try record("shop.localhost", .tailscale)
        tailscale.url = "https://box.ts.net:8443"
        tailscale.httpsPort = 8443
        entry.setAddress(tailscale)
        #expect(entry.reach == .tailnet)
        #expect(entry.json["tailscaleFunnel"] == nil)
        var ngrok = try record()
        ngrok.url = "https://a.ngrok.app"
        ngrok.tunnel = ProcessIdentity(pid: 77, startTime: 3)
        entry.setAddress(ngrok)
        #expect(entry.reach == .public)
        #expect(entry.json["ngrokPid"]?.integer == 77)
        #expect(entry.json["tailscaleHttpsPort"]?.integer == 8443)
        #expect(entry.recordedShares.map(\.provider) == [.tailscale, .ngrok])
        #expect(entry.recordedShares.last?.tunnel == ProcessIdentity(pid: 77, startTime: nil))
        entry.removeAddress(of: .tailscale)
        entry.removeAddress(of: .ngrok)
        #expect(entry.json.keys == ["hostname", "port", "pid"])
    }
}
