import PortlessCore

/// The form of a JSON value, in the part of JSON Schema (2020-12) that the API needs.
///
/// The same value describes a body in the OpenAPI document and checks what clients send, so the
/// two can't drift apart.
indirect enum Schema: Sendable {
    case boolean
    case integer(ClosedRange<Int>? = nil)
    case number
    /// `pattern` is for readers and generators; `isValid` decides.
    case string(StringRule)
    case array(Schema, count: ClosedRange<Int>? = nil)
    case object([Member], others: Others = .refused)
    /// One of several; the second one is usually null.
    case either([Schema])
    case null
    /// Anything that is JSON.
    case any
    /// Listed under its name among the document's components.
    case named(String, Schema)
    case described(String, Schema)

    struct Member: Sendable {
        var name: String
        var schema: Schema
        var isRequired: Bool

        static func required(_ name: String, _ schema: Schema) -> Member {
            Member(name: name, schema: schema, isRequired: true)
        }

        static func optional(_ name: String, _ schema: Schema) -> Member {
            Member(name: name, schema: schema, isRequired: false)
        }
    }

    /// The rule for members that aren't listed.
    enum Others: Sendable {
        case refused
        case allowed(Schema)
    }

    static let text = Schema.string(StringRule())
    static let port = Schema.integer(1...65535)
    static let time = Schema.described("Milliseconds since 1970.", .integer())
    static func oneOf(_ values: [String]) -> Schema { .string(StringRule(values: values)) }
    static func orNull(_ schema: Schema) -> Schema { .either([schema, .null]) }
}

/// Which texts are allowed.
struct StringRule: Sendable {
    var values: [String]?
    var length: ClosedRange<Int>?
    var pattern: String?
    var format: String?
    /// The meaning of `pattern`, for messages.
    var meaning: String?
    var isValid: @Sendable (String) -> Bool = { _ in true }

    init(
        values: [String]? = nil,
        length: ClosedRange<Int>? = nil,
        pattern: String? = nil,
        format: String? = nil,
        meaning: String? = nil,
        isValid: @escaping @Sendable (String) -> Bool = { _ in true },
    ) {
        self.values = values
        self.length = length
        self.pattern = pattern
        self.format = format
        self.meaning = meaning
        self.isValid = isValid
    }
}

extension Schema {
    /// The schema in the OpenAPI document; named ones are added to `components`.
    func json(_ components: inout JSONObject) -> JSONValue {
        switch self {
        case .any: return .object([:])
        case .null: return Self.type("null")
        case .boolean: return Self.type("boolean")
        case .number: return Self.type("number")
        case .integer(let range):
            var object: JSONObject = ["type": .string("integer")]
            object["minimum"] = range.map { .integer($0.lowerBound) }
            object["maximum"] = range.map { .integer($0.upperBound) }
            return .object(object)
        case .string(let rule): return rule.json
        case .array(let element, let count):
            var object: JSONObject = [
                "type": .string("array"), "items": element.json(&components),
            ]
            object["minItems"] = count.map { .integer($0.lowerBound) }
            object["maxItems"] = count.map { .integer($0.upperBound) }
            return .object(object)
        case .object(let members, let others):
            return Self.json(members, others: others, &components)
        case .either(let choices):
            return .object(["anyOf": .array(choices.map { $0.json(&components) })])
        case .named(let name, let schema):
            if components[name] == nil {
                // First, so that it comes before the ones inside it.
                components[name] = .null
                components[name] = schema.json(&components)
            }
            return .object(["$ref": .string("#/components/schemas/\(name)")])
        case .described(let words, let schema):
            guard case .object(var object) = schema.json(&components) else { return .null }
            object["description"] = .string(words)
            return .object(object)
        }
    }

    private static func type(_ name: String) -> JSONValue { .object(["type": .string(name)]) }

    private static func json(
        _ members: [Member],
        others: Others,
        _ components: inout JSONObject,
    ) -> JSONValue {
        var properties = JSONObject()
        for member in members { properties[member.name] = member.schema.json(&components) }
        var object: JSONObject = ["type": .string("object")]
        if !properties.isEmpty { object["properties"] = .object(properties) }
        let required = members.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty { object["required"] = .array(required) }
        switch others {
        case .refused: object["additionalProperties"] = .bool(false)
        case .allowed(.any): break
        case .allowed(let schema): object["additionalProperties"] = schema.json(&components)
        }
        return .object(object)
    }
}

extension StringRule {
    var json: JSONValue {
        var object: JSONObject = ["type": .string("string")]
        object["enum"] = values.map { .array($0.map { .string($0) }) }
        object["minLength"] = length.map { .integer($0.lowerBound) }
        object["maxLength"] = length.map { .integer($0.upperBound) }
        object["pattern"] = pattern.map { .string($0) }
        object["format"] = format.map { .string($0) }
        return .object(object)
    }
}
