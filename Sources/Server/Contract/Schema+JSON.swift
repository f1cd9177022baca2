import PortlessCore

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
