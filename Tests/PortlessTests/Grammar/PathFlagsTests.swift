import PortlessCore
import Projects
import Testing

@testable import portless

@Suite struct PathFlagsTests {
    private func request(_ line: String) throws -> RunRequest {
        var globals = GlobalOptions()
        return try RunGrammar.namedMode(
            line.split(separator: " ").map(String.init),
            globals: &globals,
        )
    }

    @Test func `a run takes a path in front of its name and behind it`() throws {
        for line in ["--path /api shop vite", "shop --path=/api vite", "shop --path /api -- vite"] {
            let request = try request(line)
            #expect(request.path == PathFlags(prefix: "/api"))
            #expect(request.command == ["vite"])
        }
        #expect(try request("shop vite --path /x").path == PathFlags())
        #expect(try request("shop --path /api --strip-path vite").path.isStripped)
    }

    @Test func `HTTPS may take any certificate, and HTTP has none`() throws {
        let strict = UpstreamTLS(serverName: "localhost")
        #expect(try request("--https-upstream shop vite").upstreamProtocol == .https(strict))
        #expect(throws: Failure.self) { try request("--insecure shop vite") }
        #expect(throws: Failure.self) { try request("--https-upstream --detach shop vite") }
    }

    @Test func `the flag beats the variable, and the variable beats the project's file`() throws {
        var configuration = AppConfiguration()
        configuration.path = try RoutePath(parsing: "/file")
        let environment = ["PORTLESS_PATH": "/variable"]
        let flag = PathFlags(prefix: "/flag")
        #expect(try flag.path(environment, configuration)?.prefix == "/flag")
        #expect(try PathFlags().path(environment, configuration)?.prefix == "/variable")
        #expect(try PathFlags().path([:], configuration)?.prefix == "/file")
        #expect(try PathFlags().path(["PORTLESS_PATH": ""], nil) == nil)
        #expect(try PathFlags(isStripped: true).path([:], configuration)?.isStripped == true)
        #expect(try PathFlags(prefix: "/").path([:], configuration) == nil)
        #expect(throws: Failure.self) { try PathFlags(isStripped: true).path([:]) }
        #expect(throws: Failure.self) { try PathFlags(prefix: "api").path([:]) }
    }
}
