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
}
