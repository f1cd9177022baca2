import SystemPackage
import Testing

@testable import PortlessCore
@testable import portless

@Suite struct CheckoutURLsTests {
    private func find(_ names: String..., prefix: String?, routed: String...) throws -> String {
        let proxy = ProxyDescription(
            stateDirectory: StateDirectory(path: "/state"),
            isRunning: true,
            port: 443,
            usesTLS: true,
            tlds: [.localhost],
        )
        let urls = CheckoutURLs(proxy: proxy, prefix: prefix, routed: Set(routed))
        let found = try urls.find(names.map { try AppName(parsing: $0) })
        return found.url + (found.isOfMainCheckout ? " of main" : "")
    }

    @Test func `an app of the same worktree comes first, then the main checkout's`() throws {
        let (own, main) = ("fix.api.localhost", "api.localhost")
        #expect(try find("api", prefix: "fix", routed: own, main) == "https://fix.api.localhost")
        #expect(try find("api", prefix: "fix", routed: main) == "https://api.localhost of main")
        #expect(try find("api", prefix: "fix") == "https://fix.api.localhost")
        #expect(try find("api", prefix: nil, routed: main) == "https://api.localhost")
    }

    @Test func `of an app's names the one that leads anywhere counts, else the last one`() throws {
        #expect(
            try find("api.m", "api", prefix: "x", routed: "x.api.m.localhost")
                == "https://x.api.m.localhost"
        )
        #expect(try find("api.m", "api", prefix: "x") == "https://x.api.localhost")
        #expect(
            try find("api.m", "api", prefix: "x", routed: "api.m.localhost")
                == "https://api.m.localhost of main"
        )
    }
}
