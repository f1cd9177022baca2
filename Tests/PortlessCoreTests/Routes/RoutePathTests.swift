import Testing

@testable import PortlessCore

@Suite struct RoutePathTests {
    @Test(arguments: [
        ("/api", "/api"), ("/api/", "/api"), ("/api/v1.2", "/api/v1.2"),
        ("/a-b_c~d/@x", "/a-b_c~d/@x"),
        ("/.well-known", "/.well-known"),
    ])
    func `is a list of plain segments`(text: String, prefix: String) throws {
        #expect(try RoutePath(parsing: text)?.prefix == prefix)
    }

    @Test func `a slash alone is the whole host`() throws {
        #expect(try RoutePath(parsing: "/") == nil)
    }

    @Test(arguments: [
        "", "api", "https://x/api", "//", "//api", "/api//x", "/..", "/api/../x", "/./x", "/a%2Fb",
        "/a;v=1", "/a?b", "/a#b", "/a b", "/a\\b", "/ä", "/a\u{0}", "/a\nb",
        "/" + String(repeating: "a", count: 256),
    ])
    func `refuses what servers may read in several ways`(text: String) {
        #expect(throws: RoutePathError.self) { try RoutePath(parsing: text) }
    }
}
