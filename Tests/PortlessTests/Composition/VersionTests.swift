import Testing

@testable import portless

@Suite struct VersionTests {
    @Test(arguments: [
        ("0.1.0", "0.2.0"), ("0.9.0", "0.10.0"), ("0.1", "0.1.1"), ("1.2.3", "2.0.0"),
    ])
    func `an older one comes first`(older: String, newer: String) throws {
        let (older, newer) = (try #require(Version(older)), try #require(Version(newer)))
        #expect(older < newer)
        #expect(!(newer < older))
    }

    @Test func `what follows the numbers doesn't count`() throws {
        let plain = try #require(Version("1.2.3"))
        let built = try #require(Version("1.2.3-dev+5"))
        #expect(!(plain < built) && !(built < plain))
        #expect(built.description == "1.2.3")
    }

    @Test(arguments: ["", "one", "1..2", "1.x", "."])
    func `anything else is no version`(text: String) {
        #expect(Version(text) == nil)
    }

    @Test func `ours is one`() {
        #expect(Version.current.description == Portless.version)
    }
}
