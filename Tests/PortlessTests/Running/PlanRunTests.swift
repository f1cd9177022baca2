import Testing

@testable import portless

@Suite struct PlanRunTests {
    @Test func `labels are colored in turn, on a terminal only`() {
        #expect(LinePrefix(label: "web", index: 0, isColored: false).text == "[web] ")
        let first = LinePrefix(label: "web", index: 0, isColored: true).text
        #expect(first == "\u{1B}[36m[web]\u{1B}[39m ")
        #expect(LinePrefix(label: "web", index: 6, isColored: true).text == first)
        #expect(LinePrefix(label: "web", index: 1, isColored: true).text != first)
    }

    @Test func `siblings are known by their names without scope`() {
        let variables = SiblingVariables.variables([
            ("@acme/web-shop", "https://web-shop.acme.localhost"),
            ("api", "https://api.localhost"),
        ])
        #expect(
            variables == [
                "PORTLESS_URL_WEB_SHOP": "https://web-shop.acme.localhost",
                "PORTLESS_URL_API": "https://api.localhost",
            ]
        )
        let namesakes = SiblingVariables.variables([("@acme/ui", "1"), ("@other/ui", "2")])
        #expect(
            namesakes == ["PORTLESS_URL_ACME_UI": "1", "PORTLESS_URL_OTHER_UI": "2"]
        )
    }
}
