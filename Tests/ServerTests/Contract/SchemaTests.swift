import PortlessCore
import Testing

@testable import Server

@Suite struct SchemaTests {
    private func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: text.utf8) }

    private let body = Schema.object([
        .required("name", .string(StringRule(length: 1...5))),
        .optional("count", .integer(1...10)),
        .optional("kind", .oneOf(["a", "b"])),
        .optional("list", .array(.port, count: 1...2)),
        .optional("maybe", .orNull(.boolean)),
    ])

    @Test(arguments: [
        #"{"name":"x"}"#, #"{"name":"xxxxx","count":10,"kind":"b","list":[80],"maybe":null}"#,
        #"{"name":"ééééé","count":1.0,"maybe":true}"#,
    ])
    func `what fits has no problem`(text: String) throws {
        #expect(body.problem(with: try json(text)) == nil)
    }

    @Test(
        arguments: [
            ("{}", "The body lacks \"name\"."),
            ("[]", "The body has to be an object."),
            (#"{"name":1}"#, "\"name\" has to be a string."),
            (#"{"name":""}"#, "\"name\" has to be 1 to 5 characters long."),
            (#"{"name":"x","count":11}"#, "\"count\" has to lie between 1 and 10."),
            (#"{"name":"x","count":1.5}"#, "\"count\" has to be a whole number."),
            (#"{"name":"x","kind":"c"}"#, "\"kind\" has to be one of: a, b."),
            (#"{"name":"x","list":[]}"#, "\"list\" has to hold 1 to 2 values."),
            (#"{"name":"x","list":[0]}"#, "\"list\"[0] has to lie between 1 and 65535."),
            (#"{"name":"x","maybe":1}"#, "\"maybe\" has to be true or false."),
            (#"{"name":"x","more":1}"#, "The body has an unknown member \"more\"."),
        ]
    )
    func `what doesn't fit is named`(text: String, problem: String) throws {
        #expect(body.problem(with: try json(text)) == problem)
    }

    @Test func `a description says what the check does`() throws {
        var components = JSONObject()
        let text = Schema.named("Body", body).json(&components).compact
        #expect(text == ##"{"$ref":"#/components/schemas/Body"}"##)
        let expected =
            #"{"type":"object","properties":{"name":{"type":"string","minLength":1,"maxLength":5},"#
            + #""count":{"type":"integer","minimum":1,"maximum":10},"#
            + #""kind":{"type":"string","enum":["a","b"]},"#
            + #""list":{"type":"array","items":{"type":"integer","minimum":1,"maximum":65535},"#
            + #""minItems":1,"maxItems":2},"#
            + #""maybe":{"anyOf":[{"type":"boolean"},{"type":"null"}]}},"#
            + #""required":["name"],"additionalProperties":false}"#
        #expect(components["Body"]?.compact == expected)
    }
}
