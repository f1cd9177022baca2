import PortlessCore
import Testing

@Suite struct AppNameTests {
    private func hostnames(_ name: String, _ tlds: String) throws -> [String] {
        try AppName(parsing: name).hostnames(under: TLD.list(parsing: tlds)).map(\.description)
    }

    @Test(arguments: [
        ("app", "localhost", ["app.localhost"]),
        ("  APP ", "localhost", ["app.localhost"]),
        ("https://app.localhost/path", "localhost", ["app.localhost"]),
        ("app.localhost", "test", ["app.test"]),
        ("api.app", "dev.example.com", ["api.app.dev.example.com"]),
        ("app", "localhost,test", ["app.localhost", "app.test"]),
        ("app.dev.test", "test,dev.test", ["app.test", "app.dev.test"]),
        ("app.test", "localhost,test", ["app.localhost", "app.test"]),
        ("localhost", "localhost", ["localhost.localhost"]),
    ])
    func `a name gets its TLDs`(name: String, tlds: String, expected: [String]) throws {
        #expect(try hostnames(name, tlds) == expected)
    }

    @Test(arguments: [
        ("", "Hostname cannot be empty"),
        ("https://", "Hostname cannot be empty"),
        ("a..b", "consecutive dots are not allowed"),
        ("a_b", "Invalid hostname"),
        ("-a", "Invalid hostname"),
        ("a.", "Invalid hostname"),
        ("a:80", "Invalid hostname"),
        (String(repeating: "a.", count: 130) + "a", "exceeds 253-character DNS limit"),
    ])
    func `what can't be a name is told in the original's words`(name: String, phrase: String) {
        let error = #expect(throws: NameError.self) { try AppName(parsing: name) }
        #expect(error?.description.contains(phrase) == true)
    }

    @Test func `labels that are too long are shortened`() throws {
        let name = try AppName(parsing: String(repeating: "a", count: 80))
        #expect(name.description.count == 63)
    }

    @Test func `a TLD that makes the name too long is left out while another does not`() throws {
        let name = String(repeating: "a.", count: 119) + "a"
        let long = "b.cccccccccccc"
        #expect(try hostnames(name, "test,\(long)") == [name + ".test"])
        #expect(throws: NameError.self) { try hostnames(name, long) }
        let tlds = try TLD.list(parsing: "test,\(long)")
        #expect(try AppName(parsing: name).tooLong(under: tlds) == [TLD(parsing: long)])
        #expect(try AppName(parsing: "app").tooLong(under: tlds).isEmpty)
    }

    @Test func `a worktree's prefix comes in front`() throws {
        let name = try AppName(parsing: "app")
        #expect(try name.prefixed(by: "fix").description == "fix.app")
        #expect(try name.prefixed(by: nil) == name)
    }
}
