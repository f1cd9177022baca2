import Testing

@testable import Proxy

@Suite struct DNSAnswererTests {
    private static let a: UInt16 = 1
    private static let aaaa: UInt16 = 28
    private let answerer = DNSAnswerer(topLevelNames: ["localhost", "dev.example.com", "local"])

    @Test(arguments: [
        "localhost", "shop.localhost", "api.shop.localhost", "SHOP.LocalHost", "_x.localhost",
        "a.dev.example.com", "dev.example.com",
    ])
    func `a name under our top-level names is on this machine`(name: String) throws {
        let v4 = try #require(answer(query(name, Self.a)))
        #expect(v4.suffix(4) == [127, 0, 0, 1])
        let v6 = try #require(answer(query(name, Self.aaaa)))
        #expect(v6.suffix(16) == [UInt8](repeating: 0, count: 15) + [1])
        for reply in [v4, v6] {
            #expect(reply[0..<2] == [0xAB, 0xCD], "the query's ID")
            // An answer with authority, with the client's "recursion desired", and no error.
            #expect(reply[2..<4] == [0x85, 0])
            #expect(reply[4..<12] == [0, 1, 0, 1, 0, 0, 0, 0])
            #expect(Array(reply[12...].prefix(name.utf8.count + 2)) == wire(name))
        }
    }

    @Test func `any type gives both addresses, and another type none`() throws {
        let both = try #require(answer(query("shop.localhost", 255)))
        #expect(both[7] == 2)
        // HTTPS (RFC 9460): the name exists, and has no such record.
        let none = try #require(answer(query("shop.localhost", 65)))
        #expect(none[3] == 0 && none[7] == 0)
    }

    @Test(arguments: [
        "example.com", "com", "", "localhost.com", "notlocalhost", "printer.local",
        "dev.example.com.evil",
    ])
    func `every other name is refused, so that resolvers ask elsewhere`(name: String) throws {
        let reply = try #require(answer(query(name, Self.a)))
        #expect(reply[2..<4] == [0x81, 5])
        #expect(reply[7] == 0)
    }

    @Test func `options are answered with options, of version 0 only`() throws {
        let plain = query("shop.localhost", Self.a, additional: 1) + options(version: 0)
        let reply = try #require(answer(plain))
        #expect(reply[3] == 0 && reply[7] == 1 && reply[11] == 1)
        #expect(reply.suffix(11) == [0, 0, 41, 0x04, 0xD0, 0, 0, 0, 0, 0, 0])
        let newer = query("shop.localhost", Self.a, additional: 1) + options(version: 1)
        let refusal = try #require(answer(newer))
        // BADVERS is 16: nothing in the header, one in the upper bits.
        #expect(refusal[3] == 0 && refusal[7] == 0)
        #expect(refusal.suffix(6) == [1, 0, 0, 0, 0, 0])
        let twice = query("shop.localhost", Self.a, additional: 2) + options() + options()
        #expect(answer(twice)?[3] == 1)
    }

    @Test func `what is no query gets no answer`() {
        #expect(answer([]) == nil)
        #expect(answer([UInt8](repeating: 0, count: 11)) == nil)
        var other = query("shop.localhost", Self.a)
        other[2] |= 0x80
        #expect(answer(other) == nil)
    }

    @Test func `broken queries get a format error, and others say what isn't there`() throws {
        let whole = query("shop.localhost", Self.a)
        for length in DNSAnswererTests.headerLength..<whole.count {
            let reply = try #require(answer(Array(whole.prefix(length))))
            #expect(reply[2..<12] == [0x81, 1, 0, 0, 0, 0, 0, 0, 0, 0])
        }
        var pointer = whole
        pointer[12] = 0xC0
        #expect(answer(pointer)?[3] == 1)
        let long = (0..<5).map { _ in String(repeating: "a", count: 60) }.joined(separator: ".")
        #expect(answer(query(long, Self.a))?[3] == 1)
        var two = whole
        two[5] = 2
        #expect(answer(two)?[3] == 1)
        var update = whole
        update[2] = 5 << 3
        #expect(answer(update)?[3] == 4)
        var chaos = whole
        chaos[chaos.count - 1] = 3
        #expect(answer(chaos)?[3] == 5)
    }

    // MARK: Queries

    private func answer(_ message: [UInt8]) -> [UInt8]? { answerer.answer(message.span) }

    private static let headerLength = 12

    private func wire(_ name: String) -> [UInt8] {
        name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
    }

    private func query(_ name: String, _ type: UInt16, additional: UInt8 = 0) -> [UInt8] {
        [0xAB, 0xCD, 1, 0, 0, 1, 0, 0, 0, 0, 0, additional] + wire(name)
            + [UInt8(type >> 8), UInt8(type & 0xFF), 0, 1]
    }

    private func options(version: UInt8 = 0) -> [UInt8] {
        [0, 0, 41, 0x10, 0, 0, version, 0, 0, 0, 0]
    }
}
