/// The content of `routes.json`: the entries, and between them whatever else stands there.
struct RoutesDocument: Hashable {
    private enum Element: Hashable {
        case entry(RouteEntry)
        /// Not understood, and so not ours to drop.
        case other(JSONValue)
    }

    private var elements: [Element] = []

    init() {}

    init(parsing bytes: [UInt8]) throws(RoutesFileProblem) {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes)
        } catch {
            throw .invalidJSON(error)
        }
        guard let array = value.array else { throw .notAList(found: value.kind) }
        elements = array.map { value in
            RouteEntry(value).map(Element.entry) ?? .other(value)
        }
    }

    var entries: [RouteEntry] {
        elements.compactMap { if case .entry(let entry) = $0 { entry } else { nil } }
    }

    mutating func append(_ entry: RouteEntry) {
        elements.append(.entry(entry))
    }

    /// Removes the entries that `isUnwanted` picks, and returns them.
    mutating func remove(where isUnwanted: (RouteEntry) -> Bool) -> [RouteEntry] {
        let removed = entries.filter(isUnwanted)
        elements.removeAll { if case .entry(let entry) = $0 { isUnwanted(entry) } else { false } }
        return removed
    }

    mutating func change(_ hostname: Hostname, _ change: (inout RouteEntry) -> Void) {
        elements = elements.map { element in
            guard case .entry(var entry) = element, entry.matches(hostname) else { return element }
            change(&entry)
            return .entry(entry)
        }
    }

    var text: String {
        JSONValue.array(
            elements.map {
                switch $0 {
                case .entry(let entry): .object(entry.json)
                case .other(let value): value
                }
            }
        ).formatted
    }
}
