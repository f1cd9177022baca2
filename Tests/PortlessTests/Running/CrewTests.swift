import Testing

@testable import portless

@Suite struct CrewTests {
    @Test func `output is cut into lines, however it arrives`() {
        var splitter = LineSplitter()
        func lines(_ text: String) -> [String] {
            splitter.append(text.utf8).map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(lines("one\ntw") == ["one"])
        #expect(lines("o\r\n\nthree") == ["two", ""])
        #expect(splitter.finish().map { String(decoding: $0, as: UTF8.self) } == "three")
        #expect(splitter.finish() == nil)
    }

    @Test func `a line without an end is passed on in pieces`() {
        var splitter = LineSplitter()
        let lines = splitter.append([UInt8](repeating: 0x78, count: 150_000))
        #expect(lines.map(\.count) == [65_536, 65_536])
        #expect(splitter.finish()?.count == 150_000 - 2 * 65_536)
    }

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
