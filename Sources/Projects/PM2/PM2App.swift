import HostSystem
import PortlessCore

/// One process of a PM2 file: its keys, and their meaning in PM2.
struct PM2App {
    let object: ConfigurationObject
    let origin: SourceLocation

    init(_ object: ConfigurationObject, at origin: SourceLocation) {
        self.object = object
        self.origin = origin
    }

    /// The value of the name; PM2's default is the script's file name up to its first dot.
    ///
    /// Nil without either.
    var name: ConfigurationValue? {
        if let name = object["name"], !name.isUndefined, !name.isNull, name.string != "" {
            return name
        }
        return nameOfScript
    }

    var nameOfScript: ConfigurationValue? {
        guard var script = object["script"], let path = script.string,
            let base = ProjectPath.name(of: path).split(separator: ".").first
        else { return nil }
        script.kind = .string(String(base))
        return script
    }

    /// The environment of the process: the variables of `env`, with `port` as `PORT`, and over them
    /// those of `env_<name>`, if one was selected.
    ///
    /// Without a name PM2 ignores the named blocks.
    func environment(named name: String?) -> ConfigurationObject {
        var result = block("env")
        if let port = object["port"], !port.isUndefined, !port.isNull { result["PORT"] = port }
        if let name { result.merge(block("env_\(name)")) }
        return result
    }

    /// The variables of one block; none where it is missing, or is all of `process.env`, which the
    /// process inherits anyway.
    func block(_ key: String) -> ConfigurationObject {
        guard let value = object[key] else { return ConfigurationObject() }
        if let block = value.object { return block }
        var none = ConfigurationObject()
        switch value.kind {
        case .undefined, .null, .builtin("process.env"): break
        default:
            let wrong = Unresolved(value.origin, "\"\(key)\" has to be an object")
            none.gaps = [value.problem ?? wrong]
        }
        return none
    }

    /// The names of the `env_<name>` blocks.
    var environments: [String] {
        object.properties.filter { $0.name.hasPrefix("env_") && $0.value.object != nil }
            .map { String($0.name.dropFirst("env_".count)) }
    }
}

/// The keys' values, checked for their types.
extension PM2App {
    /// Nil for a missing key, or null.
    func value(_ key: String) throws(DeclarationError) -> ConfigurationValue? {
        guard let value = object[key] else { return nil }
        if let problem = value.problem { throw .unresolved(problem, what: "\"\(key)\"") }
        switch value.kind {
        case .undefined, .null: return nil
        default: return value
        }
    }

    /// The first of the keys that exists.
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

    /// The environment of the process; undefined or null variables are left unset.
    func variables(environment name: String?) throws(DeclarationError) -> [String: String] {
        let environment = environment(named: name)
        if let gap = environment.gaps.first { throw .unresolved(gap, what: "\"env\"") }
        var result: [String: String] = [:]
        for property in environment.properties {
            switch property.value.kind {
            case .undefined, .null: continue
            // A variable that is unset here has no value there either.
            case .environment: continue
            default: break
            }
            let name = "env.\(property.name)"
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

    /// The `JSON.stringify` form of a value, in which PM2 passes objects and lists on.
    private func json(
        _ value: ConfigurationValue,
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

    /// The location of a key's value; without the key, of the process.
    func place(of key: String) -> SourceLocation { object[key]?.origin ?? origin }

    /// Whether a key exists and is false.
    func isOff(_ key: String) -> Bool { object[key]?.truth == false }

    /// Whether a key exists and isn't false.
    func isOn(_ key: String) -> Bool {
        guard let value = object[key] else { return false }
        return value.truth ?? true
    }

    private func wrong(_ value: ConfigurationValue, _ reason: String) -> DeclarationError {
        .wrong(Unresolved(value.origin, reason))
    }
}

/// Times and sizes in PM2's notation.
enum PM2Units {
    /// Milliseconds as a number, or `10s`, `5m`, `1h`.
    static func duration(_ text: String) -> Duration? {
        let text = text.trimmingBlanks.lowercased()
        let factors = [("ms", 1.0), ("s", 1000.0), ("m", 60_000.0), ("h", 3_600_000.0)]
        let factor = factors.first { text.hasSuffix($0.0) }
        let digits = factor.map { text.dropLast($0.0.count) } ?? text[...]
        guard let number = Double(digits), number >= 0, number < 1e12 else { return nil }
        return .clamped(milliseconds: Int64(clamping: number * (factor?.1 ?? 1)))
    }

    /// Bytes as a number, or `300M`, `1G`, `500K`.
    static func bytes(_ text: String) -> Int64? {
        var text = text.trimmingBlanks.uppercased()
        if text.hasSuffix("B") { text.removeLast() }
        let factors: [Character: Double] = ["K": 1024, "M": 1_048_576, "G": 1_073_741_824]
        let factor = text.last.flatMap { factors[$0] }
        if factor != nil { text.removeLast() }
        guard let number = Double(text), number > 0, number < 1e15 else { return nil }
        return Int64(clamping: number * (factor ?? 1))
    }
}
