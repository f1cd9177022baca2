import HostSystem
import Testing

@testable import PortlessCore

@Suite struct MDNSRecordsTests {
    private let start = ContinuousClock.now
    private let first = IPAddress("192.168.1.20")
    private let second = IPAddress("10.0.0.7")

    private func name(_ text: String) throws -> Hostname { try #require(Hostname(text)) }

    @Test func `each name gets a process, and loses it with its app`() throws {
        let (shop, blog) = (try name("shop.local"), try name("blog.local"))
        let address = try #require(first)
        var records = MDNSRecords()
        #expect(
            records.want([shop, blog], at: address, now: start)
                == [.start(shop, at: address), .start(blog, at: address)]
        )
        #expect(records.want([shop, blog], at: address, now: start) == [])
        #expect(records.established(shop, as: "shop.local", now: start) == [])
        #expect(
            records.status.names == [
                MDNSName(name: shop, state: .published), MDNSName(name: blog, state: .publishing),
            ]
        )
        #expect(records.want([shop], at: address, now: start) == [.stop(blog)])
        #expect(records.want([shop], at: address, now: start) == [])
        #expect(records.ended(blog, reason: "", now: start) == [])
        #expect(records.status.names.map(\.name) == [shop])
    }

    @Test func `a process that dies is started again after growing pauses`() throws {
        let shop = try name("shop.local")
        let address = try #require(first)
        var records = MDNSRecords()
        _ = records.want([shop], at: address, now: start)
        var now = start
        for pause in [1, 2, 4, 8, 16, 30, 30] {
            #expect(records.ended(shop, reason: "Daemon not running", now: now) == [])
            #expect(records.status.names.map(\.state) == [.refused("Daemon not running")])
            #expect(records.nextStart == now + .seconds(pause))
            #expect(records.next(at: now + .seconds(pause) - .milliseconds(1)) == [])
            now += .seconds(pause)
            #expect(records.next(at: now) == [.start(shop, at: address)])
        }
        // One that lived long begins at the first pause again.
        now += .seconds(100)
        _ = records.ended(shop, reason: "killed", now: now)
        #expect(records.nextStart == now + .seconds(1))
    }

    @Test func `a changed address is published in place of the old one`() throws {
        let shop = try name("shop.local")
        let (first, second) = (try #require(first), try #require(second))
        var records = MDNSRecords()
        _ = records.want([shop], at: first, now: start)
        _ = records.established(shop, as: "shop.local", now: start)
        #expect(records.want([shop], at: second, now: start) == [.stop(shop)])
        #expect(records.ended(shop, reason: "", now: start) == [.start(shop, at: second)])
        #expect(records.status.names.map(\.state) == [.publishing])
        // Away from the network nothing is published.
        #expect(records.want([shop], at: nil, now: start) == [.stop(shop)])
        #expect(records.ended(shop, reason: "", now: start) == [])
        #expect(records.status.address == nil)
        #expect(records.want([shop], at: first, now: start) == [.start(shop, at: first)])
    }

    @Test func `a name that another computer has is refused and tried again later`() throws {
        let shop = try name("shop.local")
        let address = try #require(first)
        var records = MDNSRecords()
        _ = records.want([shop], at: address, now: start)
        #expect(records.established(shop, as: "shop-2.local", now: start) == [.stop(shop)])
        #expect(records.ended(shop, reason: "", now: start) == [])
        #expect(
            records.status.names.map(\.state) == [.refused("Another computer has the name.")]
        )
        #expect(records.next(at: start + .seconds(29)) == [])
        #expect(records.next(at: start + .seconds(30)) == [.start(shop, at: address)])
        // Until it succeeds, the reason stands.
        #expect(
            records.status.names.map(\.state) == [.refused("Another computer has the name.")]
        )
    }

    @Test func `the number of names has a limit, which the others are told of`() throws {
        let names = try (0...MDNSRecords.limit).map { try name("app\($0).local") }
        let address = try #require(first)
        var records = MDNSRecords()
        #expect(records.want(names, at: address, now: start).count == MDNSRecords.limit)
        #expect(
            records.status.names.last?.state == .refused("Only 64 names are published at once.")
        )
        #expect(records.stopAll().count == MDNSRecords.limit)
        #expect(records.stopAll() == [])
    }

    @Test func `what is written down is read again`() throws {
        let status = MDNSStatus(
            address: first,
            names: [
                MDNSName(name: try name("a.local"), state: .published),
                MDNSName(name: try name("b.local"), state: .publishing),
                MDNSName(name: try name("c.local"), state: .refused("Busy.")),
            ],
        )
        #expect(MDNSStatus(status.json) == status)
        #expect(status.state(of: "B.local") == .publishing)
        #expect(status.state(of: "d.local") == nil)
        #expect(MDNSStatus(JSONValue.string("x")) == nil)
    }
}
