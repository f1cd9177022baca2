import Testing

@testable import PortlessCore

@Suite struct PathRoutesTests {
    private func match(_ target: String, _ prefixes: [String?]) throws -> PathRoutes.Match {
        let routes = PathRoutes(
            try prefixes.enumerated().map { index, text in
                (path: try text.flatMap { try RoutePath(parsing: $0) }, index: index)
            }
        )
        return routes.match(Array(target.utf8))
    }

    @Test(arguments: [
        ("/", 0), ("/apix", 0), ("/ap", 0), ("/x/api", 0), ("/API", 0), ("*", 0), ("", 0),
        ("/?x=/api", 0), ("/.well-known/x", 0), ("/x;v=1", 0), ("/x//y", 0), ("/a%2Fb", 0),
        ("/api", 1), ("/api/", 1), ("/api/x", 1), ("/api?x", 1), ("/api/v1x", 1),
        ("/api?/../..", 1),
        ("/api/x/../y", 1), ("/api/a%2Fb", 1), ("/api/x//y", 1), ("/api/v%31", 1),
        ("/api/v1", 2), ("/api/v1/", 2), ("/api/v1/x?y", 2),
    ])
    func `the longest prefix decides, at the boundaries of segments`(
        target: String,
        index: Int,
    ) throws {
        // A path that a server might read as one of `/api/v1` isn't sent to `/api`.
        let expected: PathRoutes.Match = target == "/api/v%31" ? .ambiguous : .route(index)
        #expect(try match(target, [nil, "/api", "/api/v1"]) == expected)
    }

    @Test func `a host with path routes only has nothing for other paths`() throws {
        #expect(try match("/", ["/api"]) == .none)
        #expect(try match("/apix", ["/api"]) == .none)
        #expect(try match("*", ["/api"]) == .none)
        #expect(try match("/api/x", ["/api"]) == .route(0))
    }

    @Test func `the first of two routes with one prefix counts`() throws {
        #expect(try match("/api", ["/api", "/api"]) == .route(0))
    }

    @Test(arguments: [
        "/x/../api", "/x/..", "/./api", "//api", "/x//../api", "/%61pi", "/api%2Fx", "/api%5cx",
        "/api\\x", "/api;v=1", "/api;v=1/x", "/x/..;/api", "/x/%2e%2e/api", "/x/.%2E/api",
        "/api/..", "/api/../x", "/api/%2e%2e/x", "/api/..%2fx", "/api/..\\x", "/api#x", "/\\api",
    ])
    func `a path that leads elsewhere for another reader is refused`(target: String) throws {
        let routes: [String?] = target == "/x/.." ? [nil, "/x"] : [nil, "/api"]
        #expect(try match(target, routes) == .ambiguous)
        #expect(try match(target + "?a=b", routes) == .ambiguous)
    }

    @Test(arguments: ["/api//evil.example", "/api/\\evil.example"])
    func `nothing is left that names a host when a prefix is stripped`(target: String) throws {
        let stripped = try RoutePath(parsing: "/api", isStripped: true)
        #expect(PathRoutes([(stripped, 0)]).match(Array(target.utf8)) == .ambiguous)
        #expect(try match(target, ["/api"]) != .none)
    }

    /// Whatever the bytes: a path that isn't refused leads every reader to the same route.
    @Test func `all readings of an accepted path agree`() throws {
        var generator = SystemRandomNumberGenerator()
        let parts = [
            "/", "/", "api", "v1", "x", "..", ".", "%2e", "%2F", "%5C", "\\", ";", ";a=b", "%61pi",
            "%",
            "%2", "#", "?", "//", "/api", "/api/v1",
        ]
        let routes = PathRoutes([
            (nil, 0), (try RoutePath(parsing: "/api"), 1), (try RoutePath(parsing: "/api/v1"), 2),
        ])
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...8, using: &generator)
            let text =
                "/" + (0..<count).map { _ in parts.randomElement(using: &generator) ?? "" }.joined()
            let path = Array(text.utf8).prefix { $0 != UInt8(ascii: "?") }
            guard case .route(let index) = routes.match(Array(text.utf8)) else { continue }
            for reading in PathReading.all {
                let other = routes.match(reading.normalized(path))
                #expect(other == .route(index) || other == .ambiguous, "\(text)")
            }
        }
    }

    @Test func `any bytes are read without a trap`() throws {
        var generator = SystemRandomNumberGenerator()
        let routes = PathRoutes([(try RoutePath(parsing: "/api", isStripped: true), 0)])
        for _ in 0..<5_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                UInt8.random(in: .min ... .max, using: &generator)
            }
            _ = routes.match(bytes)
            _ = routes.match(Array("/api".utf8) + bytes)
        }
    }
}
