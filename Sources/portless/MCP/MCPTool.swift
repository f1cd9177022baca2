import PortlessCore

/// Something that a model can ask for.
struct MCPTool: Sendable {
    struct Parameter: Sendable {
        enum Kind: Sendable {
            case text
            /// Up to 100 kB.
            case longText
            case texts
            case integer(ClosedRange<Int>)
        }

        var name: String
        var kind: Kind
        var summary: String
        var isRequired = false
    }

    var name: String
    var title: String
    var summary: String
    var parameters: [Parameter] = []
    /// Whether it changes what runs, which the user has to allow.
    var changes = false
    /// The member of the result that is a PNG in Base64, which is sent as an image.
    var picture: String?
    /// The result; an error is told to the model in its own words.
    var perform: @Sendable (Arguments) throws -> JSONObject

    struct Arguments: Sendable {
        fileprivate var values: JSONObject

        func text(_ name: String) -> String? { values[name]?.string }
        func texts(_ name: String) -> [String] {
            values[name]?.array?.compactMap(\.string) ?? []
        }
        func integer(_ name: String) -> Int? { values[name]?.integer }
    }

    /// As `tools/list` has it.
    var description: JSONValue {
        var properties = JSONObject()
        for parameter in parameters { properties[parameter.name] = parameter.schema }
        return .object([
            "name": .string(name), "title": .string(title), "description": .string(summary),
            "inputSchema": .object([
                "type": .string("object"), "properties": .object(properties),
                "required": .array(
                    parameters.filter(\.isRequired).map { .string($0.name) }
                ),
                "additionalProperties": .bool(false),
            ]),
            "annotations": .object([
                "readOnlyHint": .bool(!changes), "destructiveHint": .bool(false),
                "openWorldHint": .bool(false),
            ]),
        ])
    }

    func checked(_ given: JSONValue?) throws(RPCError) -> Arguments {
        guard let object = (given ?? .object([:])).object else {
            throw RPCError(.parameters, "The arguments of \(name) have to be an object.")
        }
        for (key, value) in object.members {
            guard let parameter = parameters.first(where: { $0.name == key }) else {
                let known = parameters.map(\.name).joined(separator: ", ")
                let advice = known.isEmpty ? "It takes none." : "It takes: \(known)."
                throw RPCError(.parameters, "\(name) has no argument \"\(key)\". \(advice)")
            }
            if let problem = parameter.problem(with: value) {
                throw RPCError(.parameters, "\"\(key)\" of \(name) has to be \(problem).")
            }
        }
        if let missing = parameters.first(where: { $0.isRequired && object[$0.name] == nil }) {
            throw RPCError(.parameters, "\(name) needs \"\(missing.name)\": \(missing.summary)")
        }
        return Arguments(values: object)
    }

    /// The result of a call, as text and as data; a failure is a result that says so.
    func result(_ arguments: Arguments) -> JSONValue {
        do {
            var object = try perform(arguments)
            let image = picture.flatMap { object[$0] }
            if let picture { object[picture] = nil }
            let images = image.map { [Self.content(image: $0)] } ?? []
            return .object([
                "content": .array([Self.content(JSONValue.object(object).formatted)] + images),
                "structuredContent": .object(object), "isError": .bool(false),
            ])
        } catch {
            return .object([
                "content": .array([Self.content("\(error)")]), "isError": .bool(true),
            ])
        }
    }

    private static func content(image data: JSONValue) -> JSONValue {
        .object([
            "type": .string("image"), "data": data, "mimeType": .string("image/png"),
        ])
    }

    private static func content(_ text: String) -> JSONValue {
        .object(["type": .string("text"), "text": .string(text)])
    }
}

extension MCPTool.Parameter {
    fileprivate var schema: JSONValue {
        var object: JSONObject = ["description": .string(summary)]
        switch kind {
        case .text, .longText: object["type"] = .string("string")
        case .texts:
            object["type"] = .string("array")
            object["items"] = .object(["type": .string("string")])
            object["minItems"] = .integer(1)
        case .integer(let range):
            object["type"] = .string("integer")
            object["minimum"] = .integer(range.lowerBound)
            object["maximum"] = .integer(range.upperBound)
        }
        return .object(object)
    }

    private static func fits(_ value: JSONValue, _ limit: Int) -> Bool {
        value.string.map { (1...limit).contains($0.utf8.count) } == true
    }

    /// What the value has to be, where it isn't.
    fileprivate func problem(with value: JSONValue) -> String? {
        switch kind {
        case .text: return Self.fits(value, 4096) ? nil : "a text of 1 to 4096 bytes"
        case .longText: return Self.fits(value, 100_000) ? nil : "a text of 1 to 100000 bytes"
        case .texts:
            let isFit = value.array.map { list in
                (1...256).contains(list.count)
                    && list.allSatisfy { $0.string.map { $0.utf8.count <= 100_000 } == true }
            }
            return isFit == true ? nil : "a list of 1 to 256 texts"
        case .integer(let range):
            let isFit = value.integer.map(range.contains) == true
            return isFit ? nil : "a whole number from \(range.lowerBound) to \(range.upperBound)"
        }
    }
}
