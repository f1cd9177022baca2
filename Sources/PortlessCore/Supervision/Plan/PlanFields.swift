import HostSystem
import SystemPackage

/// The fields of a plan's JSON object, each with the type it has to have.
struct PlanFields {
    /// Why a text is no plan.
    struct Problem: Error, CustomStringConvertible {
        var description: String
    }

    private let object: JSONObject
    private let place: String

    init(_ value: JSONValue?, _ place: String) throws(Problem) {
        guard let object = value?.object else {
            throw Problem(description: "\(place) has to be an object")
        }
        self.object = object
        self.place = place
    }

    func text(_ key: String) throws(Problem) -> String {
        guard let text = object[key]?.string else { throw wrong(key, "a string") }
        return text
    }

    func optionalText(_ key: String) throws(Problem) -> String? {
        object[key] == nil ? nil : try text(key)
    }

    func texts(_ key: String) throws(Problem) -> [String] {
        guard let value = object[key] else { return [] }
        let texts = value.array?.compactMap(\.string)
        guard let texts, texts.count == value.array?.count else {
            throw wrong(key, "a list of strings")
        }
        return texts
    }

    func textMap(_ key: String) throws(Problem) -> [String: String] {
        var result: [String: String] = [:]
        for (name, value) in try members(key) {
            guard let text = value.string else { throw wrong("\(key).\(name)", "a string") }
            result[name] = text
        }
        return result
    }

    func members(_ key: String) throws(Problem) -> [(key: String, value: JSONValue)] {
        guard let value = object[key] else { return [] }
        guard let members = value.object?.members else { throw wrong(key, "an object") }
        return members
    }

    func objects(_ key: String) throws(Problem) -> [PlanFields] {
        guard let values = object[key]?.array else { throw wrong(key, "a list") }
        return try values.enumerated().map { index, value throws(Problem) in
            try PlanFields(value, "\(place).\(key)[\(index)]")
        }
    }

    func optionalObjects(_ key: String) throws(Problem) -> [PlanFields] {
        object[key] == nil ? [] : try objects(key)
    }

    func fields(_ key: String) throws(Problem) -> PlanFields? {
        guard let value = object[key] else { return nil }
        return try PlanFields(value, "\(place).\(key)")
    }

    func integer(_ key: String) throws(Problem) -> Int64? {
        guard let value = object[key] else { return nil }
        guard let number = value.integer(as: Int64.self), number >= 0 else {
            throw wrong(key, "a whole number")
        }
        return number
    }

    func integers(_ key: String) throws(Problem) -> [Int64] {
        guard let value = object[key] else { return [] }
        let numbers = value.array?.compactMap { $0.integer(as: Int64.self) }
        guard let numbers, numbers.count == value.array?.count else {
            throw wrong(key, "a list of whole numbers")
        }
        return numbers
    }

    func bool(_ key: String) throws(Problem) -> Bool? {
        guard let value = object[key] else { return nil }
        guard let bool = value.bool else { throw wrong(key, "true or false") }
        return bool
    }

    func milliseconds(_ key: String) throws(Problem) -> Duration? {
        try integer(key).map { .clamped(milliseconds: $0) }
    }

    func port(_ key: String) throws(Problem) -> Port? {
        guard let number = try integer(key) else { return nil }
        guard let port = Int(exactly: number).flatMap({ Port($0) }) else {
            throw wrong(key, "a port")
        }
        return port
    }

    /// A folder or file, which has to be absolute: a keeper has no folder of its own.
    func path(_ key: String) throws(Problem) -> FilePath? {
        guard let text = try optionalText(key) else { return nil }
        let path = FilePath(text)
        guard path.isAbsolute else { throw wrong(key, "an absolute path") }
        return path
    }

    func wrong(_ key: String, _ expected: String) -> Problem {
        Problem(description: "\(place).\(key) has to be \(expected)")
    }
}
