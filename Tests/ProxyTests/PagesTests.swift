import PortlessCore
import Testing

@testable import Proxy

@Suite struct PagesTests {
    private let pages = Pages(
        configuration: ProxyConfiguration(
            port: 443,
            certificates: nil,
            topLevelNames: ["localhost", "dev.localhost"],
            version: "1",
        )
    )

    private func request(_ authority: String, accept: String = "text/html") -> PageRequest {
        var request = PageRequest(isSecure: true)
        request.authority = authority
        request.accept = accept
        return request
    }

    private func route(_ name: String) throws -> Route {
        Route(hostname: try #require(Hostname(name)), port: 4000, owner: .alias)
    }

    private func text(_ page: Page) -> String { String(decoding: page.body, as: UTF8.self) }

    @Test func `lists the running apps to who asks for a name of ours`() throws {
        let page = text(
            pages.notFound(request("b.dev.localhost"), routes: [try route("a.localhost")])
        )
        #expect(page.contains(#"<a href="https://a.localhost">a.localhost</a>"#))
        #expect(page.contains("127.0.0.1:4000"))
        #expect(page.contains("portless b your-command"))
        #expect(
            text(pages.notFound(request("b.localhost"), routes: [])).contains("No apps running.")
        )
    }

    @Test(arguments: ["evil.example", "127.0.0.1", "localhost.evil.example", "notlocalhost", ""])
    func `tells a foreign name nothing about running apps`(authority: String) throws {
        for accept in ["text/html", "application/json", "*/*"] {
            let page = pages.notFound(
                request(authority, accept: accept),
                routes: [try route("secret.localhost")],
            )
            #expect(!text(page).contains("secret"))
        }
    }

    @Test func `escapes what a client sends`() {
        let host = #"<script>"&'.localhost"#
        let html = text(pages.notFound(request(host), routes: []))
        #expect(html.contains("&lt;script&gt;&quot;&amp;&#39;.localhost"))
        #expect(!html.contains("<script>\""))
        let json = text(pages.notFound(request(host, accept: "application/json"), routes: []))
        #expect(json.contains(#"<script>\"&'.localhost"#))
    }

    @Test func `explains a loop with a sample for the dev server`() {
        var circling = request("a.localhost")
        circling.hops = 5
        let page = text(pages.loop(circling, upstream: nil))
        #expect(page.contains("5 times"))
        #expect(page.contains("changeOrigin: true"))
    }

    @Test func `keeps pages to a few KiB`() throws {
        let page = pages.notFound(request("b.localhost"), routes: [try route("a.localhost")])
        #expect(page.body.count < 6 * 1024)
    }
}
