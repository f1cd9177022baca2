import PortlessCore

/// The keys of one process in a PM2 file, each with a value that is known.
struct PM2Fields {
    private let object: JavaScriptObject
    private let origin: SourceLocation

    init(_ object: JavaScriptObject, at origin: SourceLocation) {
        self.object = object
        self.origin = origin
    }

    /// Nil for what isn't there, or is null.
    func value(_ key: String) throws(DeclarationError) -> JavaScriptValue? {
        guard let value = object[key] else { return nil }
        if let problem = value.problem { throw .unresolved(problem, what: "\"\(key)\"") }
        switch value.kind {
        case .undefined, .null: return nil
        default: return value
        }
    }

    /// The first of the keys that is there.
    func text(_ keys: String...) throws(DeclarationError) -> String? {
        for key in keys {
            guard let value = try value(key) else { continue }
            guard value.array == nil, let text = value.text else {
                throw wrong(value, "\"\(key)\" has to be a string")
            }
            return text
        }
        return nil
    }

    func required(_ key: String) throws(DeclarationError) -> String {
        guard let text = try text(key), !text.isEmpty else {
            throw .wrong(Unresolved(origin, "this process has no \"\(key)\""))
        }
        return text
    }

    /// A list, or one value in place of it.
    func texts(_ key: String) throws(DeclarationError) -> [String]? {
        guard let value = try value(key), let elements = value.array else { return nil }
        var texts: [String] = []
        for element in elements {
            if let problem = element.problem { throw .unresolved(problem, what: "\"\(key)\"") }
            guard let text = element.text else {
                throw wrong(element, "\"\(key)\" has to be a list of strings")
            }
            texts.append(text)
        }
        return texts
    }

    func integers(_ key: String) throws(DeclarationError) -> [Int] {
        guard let value = try value(key) else { return [] }
        return try (value.array ?? [value]).map { element throws(DeclarationError) in
            guard let number = element.text.flatMap({ Int($0) }) else {
                throw wrong(element, "\"\(key)\" has to be a list of numbers")
            }
            return number
        }
    }

    func bool(_ key: String) throws(DeclarationError) -> Bool? {
        guard let value = try value(key) else { return nil }
        switch value.text {
        case "true": return true
        case "false": return false
        default: throw wrong(value, "\"\(key)\" has to be true or false")
        }
    }

    func integer(_ key: String) throws(DeclarationError) -> Int? {
        guard let value = try value(key) else { return nil }
        guard let number = value.text.flatMap({ Int($0) }), number >= 0 else {
            throw wrong(value, "\"\(key)\" has to be a whole number")
        }
        return number
    }

    func duration(_ key: String) throws(DeclarationError) -> Duration? {
        guard let value = try value(key) else { return nil }
        guard let duration = value.text.flatMap(PM2Units.duration) else {
            throw wrong(value, "\"\(key)\" has to be milliseconds, or a time such as \"10s\"")
        }
        return duration
    }

    func bytes(_ key: String) throws(DeclarationError) -> Int64? {
        guard let value = try value(key) else { return nil }
        guard let bytes = value.text.flatMap(PM2Units.bytes) else {
            throw wrong(value, "\"\(key)\" has to be bytes, or a size such as \"300M\"")
        }
        return bytes
    }

    /// A block of variables; what is undefined or null in it isn't set.
    func variables(_ key: String) throws(DeclarationError) -> [String: String] {
        guard let entry = object[key] else { return [:] }
        // All of the environment, which the process gets anyway.
        if case .builtin("process.env") = entry.kind { return [:] }
        guard let value = try value(key) else { return [:] }
        guard let block = value.object else {
            throw wrong(value, "\"\(key)\" has to be an object")
        }
        if let gap = block.gaps.first { throw .unresolved(gap, what: "\"\(key)\"") }
        var result: [String: String] = [:]
        for property in block.properties {
            switch property.value.kind {
            case .undefined, .null: continue
            // A variable that isn't set has no value here either.
            case .environment: continue
            default: break
            }
            let name = "\(key).\(property.name)"
            if let problem = property.value.problem { throw .unresolved(problem, what: name) }
            switch property.value.kind {
            case .array, .object: result[property.name] = try json(property.value, name).compact
            default:
                guard let text = property.value.text else {
                    throw wrong(property.value, "\(name) has to be a string")
                }
                result[property.name] = text
            }
        }
        return result
    }

    /// What `JSON.stringify` makes of a value, which is how PM2 passes objects and lists on.
    private func json(
        _ value: JavaScriptValue,
        _ name: String,
    ) throws(DeclarationError) -> JSONValue {
        if let problem = value.problem { throw .unresolved(problem, what: name) }
        switch value.kind {
        case .boolean(let isTrue): return .bool(isTrue)
        case .number(let number) where number.isFinite: return .number(value.text ?? "null")
        case .string(let text): return .string(text)
        case .array(let elements):
            var list: [JSONValue] = []
            for element in elements { list.append(try json(element, name)) }
            return .array(list)
        case .object(let members):
            if let gap = members.gaps.first { throw .unresolved(gap, what: name) }
            var object = JSONObject()
            for member in members.properties where !member.value.isUndefined {
                object[member.name] = try json(member.value, "\(name).\(member.name)")
            }
            return .object(object)
        default: return .null
        }
    }

    /// The names of the `env_<name>` blocks.
    var environments: [String] {
        object.properties.filter { $0.name.hasPrefix("env_") && $0.value.object != nil }
            .map { String($0.name.dropFirst("env_".count)) }
    }

    /// Where the value of a key is written; without the key, where the process is.
    func place(of key: String) -> SourceLocation { object[key]?.origin ?? origin }

    /// Whether a key is there and false.
    func isOff(_ key: String) -> Bool { object[key]?.truth == false }

    /// Whether a key asks for something: it is there and not false.
    func isOn(_ key: String) -> Bool {
        guard let value = object[key] else { return false }
        return value.truth ?? true
    }

    private func wrong(_ value: JavaScriptValue, _ reason: String) -> DeclarationError {
        .wrong(Unresolved(value.origin, reason))
    }
}
