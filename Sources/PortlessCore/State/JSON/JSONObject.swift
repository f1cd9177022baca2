/// The members of a JSON object in the order of the file; of equal keys the last value counts, as
/// everywhere in JavaScript.
package struct JSONObject: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    /// Up to here a search through the members is quicker than a dictionary.
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
