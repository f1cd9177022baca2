import HostSystem
import PortlessCore

/// A value of a configuration file with its location.
///
/// JSON, YAML and the words of a command line give known values. An expression of a JavaScript file
/// is evaluated without running it, to a value or to the reason why that isn't known.
struct ConfigurationValue {
    indirect enum Kind {
        case undefined
        case null
        case boolean(Bool)
        case number(Double)
        case string(String)
        case array([ConfigurationValue])
        case object(ConfigurationObject)
        case function(JavaScriptClosure)
        /// An object or list of a JavaScript file that is still being evaluated.
        case reference(JavaScriptObject)
        /// A part of the runtime, by its dotted path: `process.env`, `path`, `Number`.
        case builtin(String)
        /// An environment variable, so far without a default.
        case environment(String)
        case unresolved(Unresolved)
    }

    /// A number or text inside a string, with its own location.
    struct Piece {
        /// UTF-8 offsets within the string.
        var range: Range<Int>
        var value: ConfigurationValue
    }

    var kind: Kind {
        didSet { (weight, nesting) = kind.measure }
    }
    /// The number of values in it, each counted as often as it occurs, plus one for every 16 bytes
    /// of a text: `a = [a, a]` doubles it without using memory.
    private(set) var weight: Int
    /// The nesting depth of lists and objects in it.
    ///
    /// Code that walks or releases the value recurses as deep.
    private(set) var nesting: Int
    /// The location of the literal, else of the expression that computed the value.
    var origin: SourceLocation
    /// The comment beside that location.
    var comment: String?
    /// The key or constant that led to the value, such as `API_LOCAL`.
    var constant: String?
    /// The environment variable for which this value is only the default.
    var overriddenBy: String?
    var pieces: [Piece] = []
    /// A partly known text, with `unknownPart` in place of the rest.
    var knownText: String?

    /// Stands for an unknown part of a text.
    static let unknownPart = "\u{FFFC}"

    init(_ kind: Kind, at origin: SourceLocation) {
        self.kind = kind
        self.origin = origin
        (weight, nesting) = kind.measure
    }

    static func unresolved(_ reason: String, at origin: SourceLocation) -> ConfigurationValue {
        ConfigurationValue(.unresolved(Unresolved(origin, reason)), at: origin)
    }

    /// The reason why a value is not known; nil if it is.
    var problem: Unresolved? {
        switch kind {
        case .unresolved(let problem): problem
        case .environment(let name):
            Unresolved(origin, "\(name) comes from the environment and has no default")
        case .builtin(let name): Unresolved(origin, "\(name) is only known when it runs")
        case .function: Unresolved(origin, "this is a function")
        case .reference(let object):
            if case .unresolved(let problem) = object.content { problem } else { nil }
        default: nil
        }
    }

    var string: String? {
        if case .string(let text) = kind { text } else { nil }
    }

    var object: ConfigurationObject? {
        switch kind {
        case .object(let object): object
        case .reference(let object): object.members
        default: nil
        }
    }

    var array: [ConfigurationValue]? {
        switch kind {
        case .array(let elements): elements
        case .reference(let object): object.elements
        default: nil
        }
    }

    /// The number of its own elements or properties; copying takes time in proportion.
    var memberCount: Int {
        array?.count ?? object?.properties.count ?? 1
    }

    var boolean: Bool? {
        if case .boolean(let value) = kind { value } else { nil }
    }

    /// A number without a fraction.
    var integer: Int? {
        if case .number(let number) = kind { Int(exactly: number) } else { nil }
    }

    /// The text of a string, a number or a truth value.
    var scalar: String? {
        switch kind {
        case .string, .number, .boolean: text
        default: nil
        }
    }

    var isNull: Bool {
        if case .null = kind { true } else { false }
    }

    var isUndefined: Bool {
        if case .undefined = kind { true } else { false }
    }

    /// ECMA-262 section 7.1.2; nil where it depends on an unknown value.
    var truth: Bool? {
        switch kind {
        case .undefined, .null: false
        case .boolean(let value): value
        case .number(let value): value != 0 && !value.isNaN
        case .string(let text): !text.isEmpty
        case .array, .object, .function, .reference: true
        case .builtin, .environment, .unresolved: nil
        }
    }

    /// ECMA-262 section 7.1.4 for primitives; nil for everything else.
    var number: Double? {
        switch kind {
        case .number(let value): value
        case .null: 0
        case .undefined: .nan
        case .boolean(let value): value ? 1 : 0
        case .string(let text): Self.number(from: text)
        default: nil
        }
    }

    /// The text of a primitive (ECMA-262 section 7.1.17); nil for everything else.
    var text: String? {
        switch kind {
        case .undefined: "undefined"
        case .null: "null"
        case .boolean(let value): String(value)
        case .number(let value): Self.text(of: value)
        case .string(let text): text
        case .array(let elements): Self.joined(elements)
        default: nil
        }
    }

    static func text(of number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
        return Int(exactly: number).map(String.init) ?? String(number)
    }

    static func number(from text: String) -> Double {
        let trimmed = text.trimmingBlanks
        if trimmed.isEmpty { return 0 }
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)]
        where trimmed.lowercased().hasPrefix(prefix) {
            return UInt64(trimmed.dropFirst(2), radix: radix).map { Double($0) } ?? .nan
        }
        guard trimmed.allSatisfy({ $0.isASCII && ($0.isNumber || "eE+-.".contains($0)) }) else {
            return .nan
        }
        return Double(trimmed) ?? .nan
    }

    private static func joined(_ elements: [ConfigurationValue]) -> String? {
        var texts: [String] = []
        for element in elements {
            guard let text = element.text else { return nil }
            texts.append(text)
        }
        return texts.joined(separator: ",")
    }
}

extension ConfigurationValue.Kind {
    fileprivate var measure: (weight: Int, nesting: Int) {
        switch self {
        case .string(let text): (1 + text.utf8.count / 16, 0)
        case .array(let elements):
            elements.reduce((weight: 1, nesting: 1)) { measure, element in
                (
                    measure.weight.saturatingAdd(element.weight),
                    max(measure.nesting, element.nesting + 1),
                )
            }
        case .object(let object): (object.weight, object.nesting)
        default: (1, 0)
        }
    }
}

/// An object's properties in the order of their first definition.
struct ConfigurationObject {
    struct Property {
        var name: String
        var value: ConfigurationValue
    }

    private(set) var properties: [Property] = []
    private var positions: [String: Int] = [:]
    /// Why further properties may exist or override these: an unknown spread or key.
    var gaps: [Unresolved] = []
    /// Like `ConfigurationValue.weight`.
    private(set) var weight = 1
    /// Like `ConfigurationValue.nesting`, as an upper bound: the deepest value may have been
    /// replaced since.
    private(set) var nesting = 1

    subscript(name: String) -> ConfigurationValue? {
        get { positions[name].map { properties[$0].value } }
        set {
            guard let newValue else { return remove(name) }
            weight = weight.saturatingAdd(newValue.weight)
            nesting = max(nesting, newValue.nesting + 1)
            if let position = positions[name] {
                weight = weight.saturatingSubtract(properties[position].value.weight)
                properties[position].value = newValue
            } else {
                weight = weight.saturatingAdd(1 + name.utf8.count / 16)
                positions[name] = properties.count
                properties.append(Property(name: name, value: newValue))
            }
        }
    }

    /// `Object.assign`: the other's properties override.
    mutating func merge(_ other: ConfigurationObject) {
        for property in other.properties { self[property.name] = property.value }
        gaps += other.gaps
    }

    private mutating func remove(_ name: String) {
        guard let position = positions.removeValue(forKey: name) else { return }
        weight = weight.saturatingSubtract(properties[position].value.weight)
        properties.remove(at: position)
        for (name, other) in positions where other > position { positions[name] = other - 1 }
    }
}
