import PortlessCore
import Testing

@Suite struct TLDTests {
    @Test func `a list keeps its order and drops repetitions`() throws {
        let list = try TLD.list(parsing: "Test, localhost,test,dev.example.com")
        #expect(list.map(\.description) == ["test", "localhost", "dev.example.com"])
    }

    @Test(arguments: ["", "a,,b", ",", "a_b", "-a", "a..b", ".a", "a."])
    func `a bad one is an error`(text: String) {
        #expect(throws: NameError.self) { try TLD.list(parsing: text) }
    }

    @Test(arguments: ["local", "x.local", "dev", "x.dev", "app", "com", "io"])
    func `some come with a warning`(text: String) throws {
        #expect(try TLD(parsing: text).warning != nil)
    }

    @Test(arguments: ["localhost", "test", "dev.example.com", "internal"])
    func `others don't`(text: String) throws {
        #expect(try TLD(parsing: text).warning == nil)
    }
}
