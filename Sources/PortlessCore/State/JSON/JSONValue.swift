/// A JSON document that keeps the order of keys, unknown fields and the digits of numbers.
///
/// State files are shared with other versions and with the original `portless`, so fields that this
/// program doesn't know have to survive.
package enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// The digits as they stand in the file: `1.0` stays `1.0`.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    package static func integer(_ value: some BinaryInteger) -> JSONValue {
        .number(String(value))
    }

    /// Null for infinity and NaN, which JSON can't express.
    package static func decimal(_ value: Double) -> JSONValue {
        value.isFinite ? .number(String(value)) : .null
    }

    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    package var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    package var array: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    package var object: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    package var integer: Int? { integer(as: Int.self) }

    /// The value of a number without a fractional part, however it is written.
    package func integer<Integer: FixedWidthInteger>(as type: Integer.Type) -> Integer? {
        guard case .number(let digits) = self else { return nil }
        if let exact = Integer(digits) { return exact }
        return Double(digits).flatMap(Integer.init(exactly:))
    }

    /// The value of a finite number.
    package var decimal: Double? {
        guard case .number(let digits) = self, let value = Double(digits) else { return nil }
        return value.isFinite ? value : nil
    }

    package subscript(key: String) -> JSONValue? { object?[key] }

    /// The kind as a message to the user names it.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

/// The members of a JSON object in the order of the file; of equal keys the last value counts.
package struct JSONObject: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    /// Up to this many members a search is quicker than a dictionary.
    private static let longestSearch = 16

    package private(set) var members: [(key: String, value: JSONValue)] = []
    /// Where each member stands, once there are more than `longestSearch`.
    private var places: [String: Int] = [:]

    package init() {}

    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        for (key, value) in elements { self[key] = value }
    }

    /// Setting nil removes the member; a new one goes to the end.
    package subscript(key: String) -> JSONValue? {
        get { place(of: key).map { members[$0].value } }
        set {
            switch (place(of: key), newValue) {
            case (let place?, let value?): members[place].value = value
            case (.some, nil): removeAll { $0 == key }
            case (nil, let value?): append(key, value)
            case (nil, nil): break
            }
        }
    }

    package var keys: [String] { members.map(\.key) }
    package var isEmpty: Bool { members.isEmpty }

    /// Removes all members whose keys are unwanted, in one pass.
    package mutating func removeAll(where isUnwanted: (_ key: String) -> Bool) {
        members.removeAll { isUnwanted($0.key) }
        places = [:]
        findPlaces()
    }

    private func place(of key: String) -> Int? {
        members.count > Self.longestSearch
            ? places[key] : members.firstIndex { $0.key == key }
    }

    private mutating func append(_ key: String, _ value: JSONValue) {
        members.append((key, value))
        if places.isEmpty { findPlaces() } else { places[key] = members.count - 1 }
    }

    private mutating func findPlaces() {
        guard members.count > Self.longestSearch else { return }
        for (place, member) in members.enumerated() { places[member.key] = place }
    }

    package static func == (lhs: JSONObject, rhs: JSONObject) -> Bool {
        lhs.members.elementsEqual(rhs.members) { $0 == $1 }
    }

    package func hash(into hasher: inout Hasher) {
        for (key, value) in members {
            hasher.combine(key)
            hasher.combine(value)
        }
    }
}
