import PortlessCore
import Testing

@Suite struct JSONValueTests {
    @Test func `a document is written as JavaScript writes it with two blanks`() throws {
        let text = """
            [
              {
                "hostname": "a.localhost",
                "port": 4001,
                "nested": {
                  "empty": {},
                  "none": [],
                  "list": [
                    1.50,
                    -2e3,
                    null,
                    true
                  ]
                }
              }
            ]
            """
        #expect(try JSONValue(parsing: text.utf8).formatted == text)
    }

    @Test func `the order of keys and unknown fields survive a change`() throws {
        var object = try #require(JSONValue(parsing: #"{"z":1,"a":"x","m":[{}]}"#.utf8).object)
        object["a"] = .string("y")
        object["new"] = .bool(false)
        object["z"] = nil
        #expect(JSONValue.object(object).compact == #"{"a":"y","m":[{}],"new":false}"#)
    }

    @Test func `of equal keys the last one counts`() throws {
        #expect(try JSONValue(parsing: #"{"a":1,"a":2}"#.utf8).compact == #"{"a":2}"#)
    }

    @Test(arguments: [
        (#""a\"\\\/\b\f\n\r\t""#, "a\"\\/\u{8}\u{C}\n\r\t"),
        (#""\u00e9\ud83d\ude00""#, "é😀"),
        (#""\ud83dx""#, "\u{FFFD}x"),
        ("\"ü😀\"", "ü😀"),
    ])
    func `escapes are understood`(text: String, expected: String) throws {
        #expect(try JSONValue(parsing: text.utf8).string == expected)
    }

    @Test func `control characters are escaped as JavaScript does`() {
        #expect(
            JSONValue.string("\u{1}\u{1f}\u{7f}\n\"").compact == "\"\\u0001\\u001f\u{7f}\\n\\\"\""
        )
    }

    @Test(arguments: [
        "", " ", "[", "[1,]", "{\"a\":1,}", "{a:1}", "[1] 2", "01", "1.", "+1", "tru", "\"abc",
        "\"\\x\"", "\"\\u12g4\"", "\"a\nb\"", "[1 2]", "{\"a\" 1}", "nul", "-", "1e",
    ])
    func `what is not JSON is refused`(text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text.utf8) }
    }

    @Test func `an error says where it is`() {
        let error = #expect(throws: JSONSyntaxError.self) {
            try JSONValue(parsing: "{\n  \"a\": x\n}".utf8)
        }
        #expect(error?.description == "line 2, column 8: a value is expected")
    }

    @Test func `deep nesting is an error and not a crash`() {
        let text = String(repeating: "[", count: 100_000)
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text.utf8) }
    }

    @Test func `numbers without a fraction are integers`() throws {
        #expect(try JSONValue(parsing: "4e3".utf8).integer == 4000)
        #expect(
            try JSONValue(parsing: "18446744073709551615".utf8).integer(as: UInt64.self) == .max
        )
        #expect(try JSONValue(parsing: "1.5".utf8).integer(as: Int.self) == nil)
        #expect(try JSONValue(parsing: "300".utf8).integer(as: UInt8.self) == nil)
    }

    @Test func `a byte order mark in front is skipped`() throws {
        #expect(try JSONValue(parsing: [0xEF, 0xBB, 0xBF, 0x31]).integer == 1)
    }
}
