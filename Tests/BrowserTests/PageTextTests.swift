import PortlessCore
import Testing

@testable import Browser

@Suite struct PageTextTests {
    private static func node(
        _ id: String,
        _ role: String,
        _ name: String = "",
        _ children: [String] = [],
        ignored: Bool = false,
    ) -> JSONValue {
        .object([
            "nodeId": .string(id), "ignored": .bool(ignored),
            "role": .object(["value": .string(role)]), "name": .object(["value": .string(name)]),
            "childIds": .array(children.map { .string($0) }),
        ])
    }

    @Test func `the accessibility tree is its elements with a meaning`() {
        let (text, leftOut) = AccessibilityText.text(of: [
            Self.node("1", "RootWebArea", "Shop", ["2", "5"]),
            Self.node("2", "generic", "", ["3"], ignored: true),
            Self.node("3", "button", "Save", ["4"]),
            Self.node("4", "StaticText", "Save"),
            Self.node("5", "list", "", ["6"]),
            Self.node("6", "StaticText", "a\u{1B}b"),
        ])
        #expect(text == "button \"Save\"\nlist\n  text \"a\\u001bb\"\n")
        #expect(leftOut == 0)
    }

    @Test func `a cycle, a missing child and a huge page have an end`() {
        let (text, _) = AccessibilityText.text(of: [
            Self.node("1", "main", "", ["2", "9"]), Self.node("2", "list", "", ["1", "2"]),
        ])
        #expect(text == "main\n  list\n")
        let many = (2..<5000).map {
            Self.node("\($0)", "link", String(repeating: "n", count: 200))
        }
        let root = Self.node("1", "main", "", (2..<5000).map { "\($0)" })
        let (long, leftOut) = AccessibilityText.text(of: [root] + many)
        #expect(long.utf8.count <= 60_000)
        #expect(leftOut > 4000)
        let deep = (0..<20_000).map { Self.node("\($0)", "list", "", ["\($0 + 1)"]) }
        #expect(AccessibilityText.text(of: deep).text.hasPrefix("list\n  list\n"))
        #expect(AccessibilityText.text(of: []).text.isEmpty)
    }

    @Test func `the console keeps errors and warnings, the last of them`() {
        var console = BrowserConsole()
        func say(_ type: String, _ text: String) {
            console.take(
                DevToolsEvent(
                    method: "Runtime.consoleAPICalled",
                    parameters: [
                        "type": .string(type),
                        "args": .array([
                            .object(["type": .string("string"), "value": .string(text)])
                        ]),
                        "timestamp": .number("1700000000123.4"),
                    ],
                    session: "s",
                )
            )
        }
        say("log", "no")
        for number in 0..<250 { say("error", "e\(number)") }
        let json = console.json
        let entries = json["entries"]?.array ?? []
        #expect(entries.count == 200)
        #expect(json["leftOut"]?.integer == 50)
        #expect(entries.last?["text"]?.string == "e249")
        #expect(entries.last?["time"]?.integer == 1_700_000_000_123)
        for method in ["Log.entryAdded", "Runtime.exceptionThrown", "Other"] {
            console.take(DevToolsEvent(method: method, parameters: [:], session: nil))
        }
        #expect(console.json["entries"]?.array?.count == 200)
    }
}
