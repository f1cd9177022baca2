import PortlessCore

/// The form of a JSON value, in the part of JSON Schema (2020-12) that the API needs.
///
/// The same value describes a body in the OpenAPI document and checks what clients send, so the
/// two can't drift apart.
indirect enum Schema: Sendable {
    case boolean
    case integer(ClosedRange<Int>? = nil)
    case number
    /// `pattern` is for readers and generators; `isValid` decides.
    case string(StringRule)
    case array(Schema, count: ClosedRange<Int>? = nil)
    case object([Member], others: Others = .refused)
    /// One of several; the second one is usually null.
    case either([Schema])
    case null
    /// Anything that is JSON.
    case any
    /// Listed under its name among the document's components.
    case named(String, Schema)
    case described(String, Schema)

    struct Member: Sendable {
        var name: String
        var schema: Schema
        var isRequired: Bool

        static func required(_ name: String, _ schema: Schema) -> Member {
            Member(name: name, schema: schema, isRequired: true)
        }

        static func optional(_ name: String, _ schema: Schema) -> Member {
            Member(name: name, schema: schema, isRequired: false)
        }
    }

    /// The rule for members that aren't listed.
    enum Others: Sendable {
        case refused
        case allowed(Schema)
    }

    static let text = Schema.string(StringRule())
    static let port = Schema.integer(1...65535)
    static let time = Schema.described("Milliseconds since 1970.", .integer())
    static func oneOf(_ values: [String]) -> Schema { .string(StringRule(values: values)) }
    static func orNull(_ schema: Schema) -> Schema { .either([schema, .null]) }
}

/// Which texts are allowed.
struct StringRule: Sendable {
    var values: [String]?
    var length: ClosedRange<Int>?
    var pattern: String?
    var format: String?
    /// The meaning of `pattern`, for messages.
    var meaning: String?
    var isValid: @Sendable (String) -> Bool = { _ in true }

    init(
        values: [String]? = nil,
        length: ClosedRange<Int>? = nil,
        pattern: String? = nil,
        format: String? = nil,
        meaning: String? = nil,
        isValid: @escaping @Sendable (String) -> Bool = { _ in true },
    ) {
        self.values = values
        self.length = length
        self.pattern = pattern
        self.format = format
        self.meaning = meaning
        self.isValid = isValid
    }
}
