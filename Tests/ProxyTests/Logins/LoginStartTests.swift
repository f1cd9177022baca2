import PortlessCore
import Testing

@testable import Proxy

@Suite struct LoginStartTests {
    private static let url =
        "https://accounts.example/auth?client_id=1&redirect_uri=https%3A%2F%2Fshop.localhost%3A1355"
        + "%2Fcallback%3Fx&state=a%2Bb+c"

    private func route(_ name: String, worktree: String? = nil) throws -> Route {
        Route(
            hostname: try #require(Hostname(name)),
            port: 4001,
            owner: .alias,
            worktree: worktree,
        )
    }

    @Test func `reads where an authorization request wants its answer`() throws {
        let start = try #require(LoginStart(url: Self.url))
        #expect(start.callback.host.description == "shop.localhost")
        #expect(start.callback.path == "/callback")
        #expect(start.state == Array("a+b c".utf8))
        #expect(!start.isForm)
        #expect(LoginStart(url: Self.url + "&response_mode=form_post")?.isForm == true)
    }

    @Test func `finds the URL in what a script is answered`() throws {
        let escaped = Self.url.split(separator: "/", omittingEmptySubsequences: false)
            .joined(separator: "\\/")
        for text in [Self.url, escaped] {
            let json = "{\"redirect\":true,\"url\":\"\(text)\"}"
            #expect(LoginStart(json: json) == LoginStart(url: Self.url))
        }
        #expect(LoginStart(json: "{\"redirect_uri\":\"x\"}") == nil)
    }

    @Test(arguments: [
        "", "/login?redirect_uri=https://a.localhost/&state=1", "https://x/?state=1",
        "https://x/?redirect_uri=https://a.localhost/", "https://x/?redirect_uri=/cb&state=1",
        "https://x/?redirect_uri=https://a.localhost/&state=",
        "https://x/?redirect_uri=https://a.localhost/&state=1&state=2",
        "https://x/?redirect_uri=https://a%00b/&state=1", "javascript:redirect_uri=x&state=1",
        "https://x/?redirect_uri=https://a.localhost/&state="
            + String(repeating: "a", count: 5000),
    ])
    func `anything else begins no login`(url: String) {
        #expect(LoginStart(url: url) == nil)
    }

    @Test func `the answer belongs to the callback's own name in the worktree`() throws {
        let start = try #require(LoginStart(url: Self.url))
        let api = try route("api.feat.shop.localhost", worktree: "feat")
        let own = try route("feat.shop.localhost", worktree: "feat")
        let main = try route("shop.localhost")
        func target(_ begun: Route, _ routes: [Route]) -> String? {
            start.target(begunBy: begun, among: routes)?.description
        }
        #expect(target(own, [own, main]) == "feat.shop.localhost")
        #expect(target(api, [api, own, main]) == "feat.shop.localhost")
        // All worktrees share the main checkout's login.
        #expect(target(api, [api, main]) == nil)
        // No app has the name: it is for the provider only.
        #expect(target(api, [api]) == "api.feat.shop.localhost")
        #expect(target(main, [own, main]) == nil)
    }

    @Test func `an app can't draw the answers of another project to itself`() throws {
        let start = try #require(LoginStart(url: Self.url))
        let evil = try route("feat.evil.localhost", worktree: "feat")
        let main = try route("shop.localhost")
        #expect(start.target(begunBy: evil, among: [evil, main]) == nil)
    }
}
