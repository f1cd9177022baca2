/// What a declaration or parameter binds: a name, or the parts of an object or array.
indirect enum JavaScriptPattern {
    struct Property {
        var key: String
        var target: JavaScriptPattern
    }

    case name(String)
    case withDefault(JavaScriptPattern, JavaScriptExpression)
    case object([Property], rest: String?)
    case array([JavaScriptPattern?], rest: String?)

    /// Every name that the pattern binds.
    var names: [String] {
        switch self {
        case .name(let name): [name]
        case .withDefault(let pattern, _): pattern.names
        case .object(let properties, let rest):
            properties.flatMap(\.target.names) + (rest.map { [$0] } ?? [])
        case .array(let elements, let rest):
            elements.flatMap { $0?.names ?? [] } + (rest.map { [$0] } ?? [])
        }
    }

    /// How many patterns and expressions stand in one another.
    var height: Int {
        switch self {
        case .name: 1
        case .withDefault(let pattern, let value): 1 + max(pattern.height, value.height)
        case .object(let properties, _): 1 + properties.reduce(0) { max($0, $1.target.height) }
        case .array(let elements, _): 1 + elements.reduce(0) { max($0, $1?.height ?? 0) }
        }
    }
}
