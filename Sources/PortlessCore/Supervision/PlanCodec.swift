import HostSystem
import SystemPackage

/// Why JSON is no plan.
struct PlanProblem: Error, CustomStringConvertible {
    var description: String

    init(_ place: String, _ expectation: String) {
        description = "\(place) has to be \(expectation)"
    }
}

/// The type of one place in a plan's JSON, for its schema.
package indirect enum PlanShape: Sendable {
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
    case list(PlanShape)
    /// An object whose keys are the author's own.
    case map(PlanShape)
    case object([PlanMember])
    /// One that has a name of its own.
    case named(String, PlanShape)
}

package struct PlanMember: Sendable {
    package let key: String
    package let shape: PlanShape
    /// Whether a reader needs it.
    package let isRequired: Bool
    /// Whether it is always written.
    package let isConstant: Bool

    init(key: String, shape: PlanShape, isRequired: Bool, isConstant: Bool? = nil) {
        self.key = key
        self.shape = shape
        self.isRequired = isRequired
        self.isConstant = isConstant ?? isRequired
    }
}

/// Writes one kind of value to a plan's JSON, and reads it.
struct PlanCodec<Value>: Sendable {
    let shape: PlanShape
    let write: @Sendable (Value) -> JSONValue
    /// Gets the value, and its place for an error.
    let read: @Sendable (JSONValue, String) throws -> Value

    init(
        _ shape: PlanShape,
        write: @escaping @Sendable (Value) -> JSONValue,
        read: @escaping @Sendable (JSONValue, String) throws -> Value,
    ) {
        self.shape = shape
        self.write = write
        self.read = read
    }

    /// `expectation` completes the sentence "… has to be …".
    init(
        _ shape: PlanShape,
        _ expectation: String,
        write: @escaping @Sendable (Value) -> JSONValue,
        read: @escaping @Sendable (JSONValue) -> Value?,
    ) {
        self.init(shape, write: write) { json, place in
            guard let value = read(json) else { throw PlanProblem(place, expectation) }
            return value
        }
    }
}

// MARK: Single values

extension PlanCodec<String> {
    static let text = PlanCodec(.text, "a string", write: { .string($0) }, read: \.string)

    static let processName = PlanCodec(
        .processName,
        "a process name (letters, digits, and . _ - : within)",
        write: { .string($0) },
        read: { json in json.string.flatMap { ProcessName.isValid($0) ? $0 : nil } },
    )
}

extension PlanCodec<Bool> {
    static let flag = PlanCodec(.flag, "true or false", write: { .bool($0) }, read: \.bool)
}

extension PlanCodec<Int64> {
    static let bytes = number(.bytes, in: 0...Int64.max)

    /// Numbers outside of `range` become the nearest in it.
    static func number(
        _ shape: PlanShape = .count,
        in range: ClosedRange<Int64>,
    ) -> PlanCodec {
        PlanCodec(
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

extension PlanCodec<Int> {
    static func count(atMost limit: Int) -> PlanCodec {
        let codec = PlanCodec<Int64>.number(in: 0...Int64(limit))
        return PlanCodec(
            codec.shape,
            write: { .integer($0) },
            read: { Int(clamping: try codec.read($0, $1)) },
        )
    }
}

extension PlanCodec<Double> {
    /// Numbers below zero become zero.
    static let number = PlanCodec(
        .number,
        "a number",
        write: { .decimal($0) },
        read: { $0.decimal.map { max($0, 0) } },
    )
}

extension PlanCodec<Timestamp> {
    static let milliseconds = PlanCodec(
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
    static let microseconds = PlanCodec(
        .preciseTime,
        "a whole number",
        write: { .integer($0.microseconds) },
        read: { $0.integer(as: Int64.self).map { Timestamp(microseconds: $0) } },
    )
}

extension PlanCodec
where Value: RawRepresentable<String> & CaseIterable & SendableMetatype {
    static var choice: PlanCodec {
        let values = Value.allCases.map(\.rawValue)
        return PlanCodec(
            .choice(values),
            "one of \(values.joined(separator: ", "))",
            write: { .string($0.rawValue) },
            read: { $0.string.flatMap { Value(rawValue: $0) } },
        )
    }
}

extension PlanCodec<Duration> {
    static let milliseconds = PlanCodec(
        .milliseconds,
        "a whole number",
        write: { .integer($0.milliseconds) },
        read: { json in
            json.integer(as: Int64.self).flatMap { $0 < 0 ? nil : .clamped(milliseconds: $0) }
        },
    )
}

extension PlanCodec<Port> {
    static let port = PlanCodec(
        .port,
        "a port",
        write: { .integer($0.number) },
        read: { json in json.integer.flatMap { Port($0) } },
    )
}

extension PlanCodec<FilePath> {
    /// It has to be absolute: a keeper has no working directory of its own.
    static let path = PlanCodec(
        .path,
        "an absolute path",
        write: { .string($0.string) },
        read: { json in
            json.string.map { FilePath($0) }.flatMap { $0.isAbsolute ? $0 : nil }
        },
    )
}

extension PlanCodec<Hostname> {
    static let hostname = PlanCodec(
        .text,
        "a host name",
        write: { .string($0.description) },
        read: { json in json.string.flatMap { Hostname($0) } },
    )
}

extension PlanCodec<AppName> {
    static let appName = PlanCodec(.text) {
        .string($0.description)
    } read: { json, place in
        let text = try PlanCodec<String>.text.read(json, place)
        do {
            return try AppName(parsing: text)
        } catch {
            throw PlanProblem(place, "an app's name: \(error)")
        }
    }
}

// MARK: Lists and objects

extension PlanCodec {
    static func list<Element>(of codec: PlanCodec<Element>) -> PlanCodec
    where Value == [Element] {
        PlanCodec(.list(codec.shape)) { values in
            .array(values.map(codec.write))
        } read: { json, place in
            guard let values = json.array else { throw PlanProblem(place, "a list") }
            return try values.enumerated().map { try codec.read($1, "\(place)[\($0)]") }
        }
    }

    /// A `lenient` reader leaves a field that isn't required and can't be read as it is in `blank`.
    static func object(
        _ fields: [PlanField<Value>],
        blank: Value,
        name: String? = nil,
        lenient: Bool = false,
    ) -> PlanCodec where Value: Sendable {
        let shape = PlanShape.object(fields.flatMap(\.members))
        return PlanCodec(name.map { .named($0, shape) } ?? shape) { value in
            .object(PlanField.write(value, fields))
        } read: { json, place in
            guard let object = json.object else { throw PlanProblem(place, "an object") }
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

extension PlanCodec<[String]> {
    static let texts = list(of: .text)

    static let command = PlanCodec(
        .command,
        "a program with its arguments",
        write: texts.write,
        read: { json in
            let words = try? texts.read(json, "")
            return words?.first?.isEmpty == false ? words : nil
        },
    )
}

extension PlanCodec<Set<Int32>> {
    /// Impossible exit codes become the nearest possible ones.
    static let codes = PlanCodec(
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

extension PlanCodec<[String: String]> {
    static let variables = PlanCodec(.map(.text)) { variables in
        var object = JSONObject()
        for (name, value) in variables.sorted(by: { $0.key < $1.key }) {
            object[name] = .string(value)
        }
        return .object(object)
    } read: { json, place in
        guard let members = json.object?.members else { throw PlanProblem(place, "an object") }
        var variables: [String: String] = [:]
        for (name, value) in members {
            variables[name] = try PlanCodec<String>.text.read(value, "\(place).\(name)")
        }
        return variables
    }
}

extension PlanCodec<[DetectedProcess.LabeledPort]> {
    static let ports = PlanCodec(.map(.port)) { ports in
        var object = JSONObject()
        for labeled in ports { object[labeled.label] = .integer(labeled.port.number) }
        return .object(object)
    } read: { json, place in
        guard let members = json.object?.members else { throw PlanProblem(place, "an object") }
        return try members.map { label, value in
            .init(label: label, port: try PlanCodec<Port>.port.read(value, "\(place).\(label)"))
        }
    }
}
