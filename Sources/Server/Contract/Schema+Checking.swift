import PortlessCore

extension Schema {
    /// A sentence that names the place of an error in the value; nil if it is valid.
    func problem(with value: JSONValue, at place: String = "The body") -> String? {
        switch self {
        case .any: nil
        case .null: value == .null ? nil : "\(place) has to be null."
        case .boolean: value.bool == nil ? "\(place) has to be true or false." : nil
        case .number:
            if case .number = value { nil } else { "\(place) has to be a number." }
        case .integer(let range): Self.problem(with: value, range, place)
        case .string(let rule): rule.problem(with: value, place)
        case .array(let element, let count):
            Self.problem(with: value, elements: element, count, place)
        case .object(let members, let others):
            Self.problem(with: value, members: members, others: others, place)
        case .either(let choices):
            choices.contains { $0.problem(with: value, at: place) == nil }
                ? nil : choices.first?.problem(with: value, at: place)
        case .named(_, let schema), .described(_, let schema):
            schema.problem(with: value, at: place)
        }
    }

    private static func problem(
        with value: JSONValue,
        _ range: ClosedRange<Int>?,
        _ place: String,
    ) -> String? {
        guard let number = value.integer else { return "\(place) has to be a whole number." }
        guard let range, !range.contains(number) else { return nil }
        return "\(place) has to lie between \(range.lowerBound) and \(range.upperBound)."
    }

    private static func problem(
        with value: JSONValue,
        elements: Schema,
        _ count: ClosedRange<Int>?,
        _ place: String,
    ) -> String? {
        guard let array = value.array else { return "\(place) has to be a list." }
        if let count, !count.contains(array.count) {
            return "\(place) has to hold \(count.lowerBound) to \(count.upperBound) values."
        }
        return array.indices.lazy.compactMap { index in
            elements.problem(with: array[index], at: "\(place)[\(index)]")
        }.first
    }

    private static func problem(
        with value: JSONValue,
        members: [Member],
        others: Others,
        _ place: String,
    ) -> String? {
        guard let object = value.object else { return "\(place) has to be an object." }
        for member in members {
            guard let value = object[member.name] else {
                guard member.isRequired else { continue }
                return "\(place) lacks \"\(member.name)\"."
            }
            if let problem = member.schema.problem(with: value, at: "\"\(member.name)\"") {
                return problem
            }
        }
        let known = Set(members.map(\.name))
        for (key, value) in object.members where !known.contains(key) {
            switch others {
            case .refused: return "\(place) has an unknown member \"\(key)\"."
            case .allowed(let schema):
                if let problem = schema.problem(with: value, at: "\"\(key)\"") { return problem }
            }
        }
        return nil
    }
}

extension StringRule {
    func problem(with value: JSONValue, _ place: String) -> String? {
        guard let text = value.string else { return "\(place) has to be a string." }
        if let values, !values.contains(text) {
            return "\(place) has to be one of: \(values.joined(separator: ", "))."
        }
        if let length, !length.contains(text.unicodeScalars.count) {
            return
                "\(place) has to be \(length.lowerBound) to \(length.upperBound) characters long."
        }
        guard isValid(text) else {
            if let meaning { return "\(place) has to be \(meaning)." }
            return pattern.map { "\(place) has to match \($0)." } ?? "\(place) is not valid."
        }
        return nil
    }
}
