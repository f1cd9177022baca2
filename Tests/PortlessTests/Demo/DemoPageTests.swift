import Testing

@testable import portless

@Suite struct DemoPageTests {
    private func facts(_ fields: [String: String], authority: DemoAuthority? = nil) -> DemoFacts {
        DemoFacts(
            method: "GET",
            appPort: "4123",
            processID: 77,
            authority: authority,
            field: { fields[$0] },
        )
    }

    private let forwarded = [
        "host": "demo.localhost:1355", "x-forwarded-host": "demo.localhost:1355",
        "x-forwarded-proto": "https", "x-forwarded-port": "1355", "x-portless-hops": "1",
        "x-forwarded-for": "127.0.0.1",
    ]

    @Test func `the page tells which way the request came`() {
        let authority = DemoAuthority(name: "portless Local CA", fingerprint: "0123456789abcdef00")
        let page = DemoPage.html(facts(forwarded, authority: authority))
        for text in [
            "demo.localhost", "port 1355", "port 4123", "process 77", "portless Local CA",
            "0123456789abcdef…", DemoPage.marker,
        ] {
            #expect(page.contains(text), "\(text)")
        }
        #expect(!page.contains("demo.localhost:1355</b>"))
    }

    @Test func `without TLS there is no certificate`() {
        var fields = forwarded
        fields["x-forwarded-proto"] = "http"
        let page = DemoPage.html(facts(fields))
        #expect(!page.contains("Certificate"))
        #expect(page.contains("plain HTTP"))
    }

    @Test func `nothing of the request gets into the page unescaped`() {
        let evil = "<script>\"'&"
        let page = DemoPage.html(facts(["x-forwarded-host": evil, "x-forwarded-proto": evil]))
        #expect(!page.contains(evil))
        #expect(page.contains("&lt;script&gt;&quot;&#39;&amp;"))
    }

    @Test func `the authority travels by environment`() {
        let authority = DemoAuthority(name: "portless Local CA", fingerprint: "ab")
        #expect(DemoAuthority(environment: authority.environment) == authority)
        #expect(DemoAuthority(environment: [:]) == nil)
    }
}
