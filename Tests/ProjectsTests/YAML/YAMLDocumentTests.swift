import PortlessCore
import Testing

@testable import Projects

struct YAMLDocumentTests {
    private func json(_ text: String) throws -> String {
        JavaScriptEvaluation.json(try value(text))
    }

    private func value(_ text: String) throws -> ConfigurationValue {
        try YAMLDocument.value(of: SourceText(file: "compose.yml", bytes: Array(text.utf8)))
    }

    @Test(arguments: [
        ("a: 1\nb: two\n", #"{"a":1,"b":"two"}"#),
        ("- 1\n- a: 2\n  b: 3\n-\n  - 4\n", #"[1,{"a":2,"b":3},[4]]"#),
        ("a:\n- 1\n- 2\nb: 3", #"{"a":[1,2],"b":3}"#),
        ("a:\n  - b: 1\n    c:\n      - 2\n  - d\n", #"{"a":[{"b":1,"c":[2]},"d"]}"#),
        ("a: [1, 'x, y', {b: c, \"d\": [2]}]", #"{"a":[1,"x, y",{"b":"c","d":[2]}]}"#),
        ("a: [\n  1, # one\n  2\n]\n", #"{"a":[1,2]}"#),
        ("ports: [\"8080:80\", 5432:5432]", #"{"ports":["8080:80","5432:5432"]}"#),
        ("---\na: 1\n---\nb: 2\n", #"{"a":1}"#),
        ("# c\n\na: 'it''s' # d\nb: \"x\\ty\\u0041\"\n", "{\"a\":\"it's\",\"b\":\"x\tyA\"}"),
        ("a: http://x#y\nb: c # d", #"{"a":"http://x#y","b":"c"}"#),
        ("a: one\n  two\n  three\nb: 1", #"{"a":"one two three","b":1}"#),
        ("a: |\n  x: 1\n  # y\nb: 1", "{\"a\":\"x: 1\n# y\n\",\"b\":1}"),
        ("a: >-\n  x\n  y\n", "{\"a\":\"x y\n\"}"),
        (
            "x: &d {a: 1, b: 2}\ny: { <<: *d, b: 3 }\nz: [{ b: 4, <<: *d }]\n",
            #"{"x":{"a":1,"b":2},"y":{"a":1,"b":3},"z":[{"b":4,"a":1}]}"#,
        ),
        (
            "x: &d\n  a: 1\n  b: 2\ny:\n  <<: *d\n  b: 3\n",
            #"{"x":{"a":1,"b":2},"y":{"a":1,"b":3}}"#,
        ),
        ("x: &n 8080\ny: *n\nz: [*n]", #"{"x":8080,"y":8080,"z":[8080]}"#),
        (
            "a: !!str 1\nb: ~\nc: true\nd: 0x1F\ne: 1.5",
            #"{"a":1,"b":null,"c":true,"d":31,"e":1.5}"#,
        ),
        ("a:\nb: 1", #"{"a":null,"b":1}"#),
        ("a: \"x\n  y\"", #"{"a":"x y"}"#),
        ("\"a b\": 1\r\n'c': 2\r\n", #"{"a b":1,"c":2}"#),
        ("", "null"),
        ("- - 1\n  - 2\n- 3", "[[1,2],3]"),
        ("a: {}\nb: []\n", #"{"a":{},"b":[]}"#),
        ("cmd: npm run dev -- --port 3000", #"{"cmd":"npm run dev -- --port 3000"}"#),
    ])
    func `the YAML of configurations is read as the core schema says`(
        text: String,
        expected: String,
    ) throws {
        #expect(try json(text) == expected)
    }

    @Test(arguments: [
        ("a:\n\tb: 1", 2, "a tab can't indent YAML"),
        ("a: 1\n  b: 2", 2, "a key can't stand within a text"),
        ("a: [1, 2", 1, "this bracket is never closed"),
        ("a: {b: 1]", 1, "\",\" or \"}\" is expected here"),
        ("a: 1\nb: 'x\n", 2, "this quoted text is never closed"),
        ("a: *x", 1, "the anchor \"x\" is not defined above"),
        ("? a\n: b", 1, "a complex key (\"?\") is not supported"),
        ("a: b: c", 1, "a second \":\" can't stand on this line unquoted"),
        ("a: 'x' y", 1, "the value has ended, but its line goes on"),
        ("a: - b", 1, "a list can't begin on the line of its key"),
        ("a:\n  b: 1\n c: 2", 3, "this is indented further than the keys above it"),
        ("a: 1\nb\n", 2, "\"key: value\" is expected here"),
        ("- a\n   - b: 1\n  c: 1", 2, "a key can't stand within a text"),
        ("a: `x`", 1, "a value can't begin with this character unless it is quoted"),
    ])
    func `what is not YAML is an error with its line`(text: String, line: Int, reason: String) {
        let error = #expect(throws: SourceError.self) { try value(text) }
        #expect(error?.line == line)
        #expect(error?.reason == reason)
    }

    @Test
    func `values know their line and comment`() throws {
        let text = """
            services:
              api: # the server
                ports:
                  # the REST API
                  - "5570:80"
                  - 5571:81 # metrics
            """
        let ports = try value(text).object?["services"]?.object?["api"]?.object?["ports"]?.array
        #expect(ports?.first?.origin.line == 5)
        #expect(ports?.first?.comment == "the REST API")
        #expect(ports?.last?.comment == "metrics")
    }

    @Test(arguments: ["[", "{a: ", "- ", "- a: "])
    func `hostile nesting ends in an error, not in a crash`(part: String) {
        #expect(throws: SourceError.self) {
            try value(String(repeating: part, count: 10_000) + "\n  b: 'x")
        }
    }
}
