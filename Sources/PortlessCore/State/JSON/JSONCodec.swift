import HostSystem
import SystemPackage

/// Why JSON does not have the expected form.
struct JSONMismatch: Error, CustomStringConvertible {
    var description: String

    init(_ place: String, _ expectation: String) {
        description = "\(place) has to be \(expectation)"
    }
}

/// The form of one place in a JSON document, for its schema.
package indirect enum JSONShape: Sendable {
    case flag
    case integer
    case number
    case count
    case bytes
    case milliseconds
    /// Milliseconds or microseconds since 1970.
    case time
    case preciseTime
    case port
    case text
    case path
    case processName
    case choice([String])
    /// A program with its arguments.
    case command
    case list(JSONShape)
    /// An object with arbitrary keys.
    case map(JSONShape)
    case object([JSONMember])
    /// A schema with a name.
    case named(String, JSONShape)
}

package struct JSONMember: Sendable {
    package let key: String
    package let shape: JSONShape
    /// Whether a reader requires it.
    package let isRequired: Bool
    /// Whether it is always written.
    package let isConstant: Bool

    init(key: String, shape: JSONShape, isRequired: Bool, isConstant: Bool? = nil) {
        self.key = key
        self.shape = shape
        self.isRequired = isRequired
        self.isConstant = isConstant ?? isRequired
    }
}

/// Writes and reads one kind of value as JSON.
struct JSONCodec<Value>: Sendable {
    let shape: JSONShape
    let write: @Sendable (Value) -> JSONValue
    /// Takes the JSON and its place, for errors.
    let read: @Sendable (JSONValue, String) throws -> Value

    init(
        _ shape: JSONShape,
        write: @escaping @Sendable (Value) -> JSONValue,
        read: @escaping @Sendable (JSONValue, String) throws -> Value,
    ) {
        self.shape = shape
        self.write = write
        self.read = read
    }

    /// `expectation` completes the sentence "… has to be …".
    init(
        _ shape: JSONShape,
        _ expectation: String,
        write: @escaping @Sendable (Value) -> JSONValue,
        read: @escaping @Sendable (JSONValue) -> Value?,
    ) {
        self.init(shape, write: write) { json, place in
            guard let value = read(json) else { throw JSONMismatch(place, expectation) }
            return value
        }
    }
}

// MARK: Single values

extension JSONCodec<String> {
    static let text = JSONCodec(.text, "a string", write: { .string($0) }, read: \.string)

    static let processName = JSONCodec(
        .processName,
        "a process name (letters, digits, and . _ - : within)",
        write: { .string($0) },
        read: { json in json.string.flatMap { ProcessName.isValid($0) ? $0 : nil } },
    )
}

extension JSONCodec<Bool> {
    static let flag = JSONCodec(.flag, "true or false", write: { .bool($0) }, read: \.bool)
}

extension JSONCodec<Int64> {
    static let bytes = number(.bytes, in: 0...Int64.max)

    /// Numbers outside of `range` become the nearest in it.
    static func number(
        _ shape: JSONShape = .count,
        in range: ClosedRange<Int64>,
    ) -> JSONCodec {
        JSONCodec(
            shape,
            "a whole number",
            write: { .integer($0) },
            read: { json in
                json.integer(as: Int64.self).flatMap { number in
                    number < 0 ? nil : min(max(number, range.lowerBound), range.upperBound)
                }
            },
        )
    }
}

extension JSONCodec<Int> {
    static func count(atMost limit: Int) -> JSONCodec {
        let codec = JSONCodec<Int64>.number(in: 0...Int64(limit))
        return JSONCodec(
            codec.shape,
            write: { .integer($0) },
            read: { Int(clamping: try codec.read($0, $1)) },
        )
    }
}

extension JSONCodec<Double> {
    /// Numbers below zero become zero.
    static let number = JSONCodec(
        .number,
        "a number",
        write: { .decimal($0) },
        read: { $0.decimal.map { max($0, 0) } },
    )
}

extension JSONCodec<Timestamp> {
    static let milliseconds = JSONCodec(
        .time,
        "a whole number",
        write: { .integer($0.milliseconds) },
        // Of the last moment that can be written, only whole milliseconds.
        read: { json in
            json.integer(as: Int64.self).map {
                Timestamp(milliseconds: Timestamp(milliseconds: $0).milliseconds)
            }
        },
    )
    static let microseconds = JSONCodec(
        .preciseTime,
        "a whole number",
        write: { .integer($0.microseconds) },
        read: { $0.integer(as: Int64.self).map { Timestamp(microseconds: $0) } },
    )
}

extension JSONCodec
where Value: RawRepresentable<String> & CaseIterable & SendableMetatype {
    static var choice: JSONCodec {
        let values = Value.allCases.map(\.rawValue)
        return JSONCodec(
            .choice(values),
            "one of \(values.joined(separator: ", "))",
            write: { .string($0.rawValue) },
            read: { $0.string.flatMap { Value(rawValue: $0) } },
        )
    }
}

extension JSONCodec<Duration> {
    static let milliseconds = JSONCodec(
        .milliseconds,
        "a whole number",
        write: { .integer($0.milliseconds) },
        read: { json in
            json.integer(as: Int64.self).flatMap { $0 < 0 ? nil : .clamped(milliseconds: $0) }
        },
    )
}

extension JSONCodec<Port> {
    static let port = JSONCodec(
        .port,
        "a port",
        write: { .integer($0.number) },
        read: { json in json.integer.flatMap { Port($0) } },
    )
}

extension JSONCodec<FilePath> {
    /// It has to be absolute: a keeper has no working directory of its own.
    static let path = JSONCodec(
        .path,
        "an absolute path",
        write: { .string($0.string) },
        read: { json in
            json.string.map { FilePath($0) }.flatMap { $0.isAbsolute ? $0 : nil }
        },
    )
}

extension JSONCodec<Hostname> {
    static let hostname = JSONCodec(
        .text,
        "a host name",
        write: { .string($0.description) },
        read: { json in json.string.flatMap { Hostname($0) } },
    )
}

extension JSONCodec<AppName> {
    static let appName = JSONCodec(.text) {
        .string($0.description)
    } read: { json, place in
        let text = try JSONCodec<String>.text.read(json, place)
        do {
            return try AppName(parsing: text)
        } catch {
            throw JSONMismatch(place, "an app's name: \(error)")
        }
    }
}

// MARK: Lists and objects

extension JSONCodec {
    static func list<Element>(of codec: JSONCodec<Element>) -> JSONCodec
    where Value == [Element] {
        JSONCodec(.list(codec.shape)) { values in
            .array(values.map(codec.write))
        } read: { json, place in
            guard let values = json.array else { throw JSONMismatch(place, "a list") }
            return try values.enumerated().map { try codec.read($1, "\(place)[\($0)]") }
        }
    }

    /// A `lenient` reader leaves a field that isn't required and can't be read as it is in `blank`.
    static func object(
        _ fields: [JSONField<Value>],
        blank: Value,
        name: String? = nil,
        lenient: Bool = false,
    ) -> JSONCodec where Value: Sendable {
        let shape = JSONShape.object(fields.flatMap(\.members))
        return JSONCodec(name.map { .named($0, shape) } ?? shape) { value in
            .object(JSONField.write(value, fields))
        } read: { json, place in
            guard let object = json.object else { throw JSONMismatch(place, "an object") }
            var value = blank
            for field in fields {
                do {
                    try field.read(object, place, &value)
                } catch  where lenient && !field.members.contains(where: \.isRequired) {
                    continue
                }
            }
            return value
        }
    }
}

extension JSONCodec<[String]> {
    static let texts = list(of: .text)

    static let command = JSONCodec(
        .command,
        "a program with its arguments",
        write: texts.write,
        read: { json in
            let words = try? texts.read(json, "")
            return words?.first?.isEmpty == false ? words : nil
        },
    )
}

extension JSONCodec<Set<Int32>> {
    /// Impossible exit codes become the nearest possible ones.
    static let codes = JSONCodec(
        .list(.integer),
        "a list of whole numbers",
        write: { .array($0.sorted().map { .integer($0) }) },
        read: { json in
            guard let values = json.array else { return nil }
            let numbers = values.compactMap { $0.integer(as: Int64.self) }
            guard numbers.count == values.count else { return nil }
            return Set(numbers.map { Int32(clamping: $0) })
        },
    )
}

extension JSONCodec<[String: String]> {
    static let variables = JSONCodec(.map(.text)) { variables in
        var object = JSONObject()
        for (name, value) in variables.sorted(by: { $0.key < $1.key }) {
            object[name] = .string(value)
        }
        return .object(object)
    } read: { json, place in
        guard let members = json.object?.members else { throw JSONMismatch(place, "an object") }
        var variables: [String: String] = [:]
        for (name, value) in members {
            variables[name] = try JSONCodec<String>.text.read(value, "\(place).\(name)")
        }
        return variables
    }
}

extension JSONCodec<[DetectedProcess.LabeledPort]> {
    static let ports = JSONCodec(.map(.port)) { ports in
        var object = JSONObject()
        for labeled in ports { object[labeled.label] = .integer(labeled.port.number) }
        return .object(object)
    } read: { json, place in
        guard let members = json.object?.members else { throw JSONMismatch(place, "an object") }
        return try members.map { label, value in
            .init(label: label, port: try JSONCodec<Port>.port.read(value, "\(place).\(label)"))
        }
    }
}
