import HostSystem
import SystemPackage

/// Why a text is no plan.
struct PlanProblem: Error, CustomStringConvertible {
    var description: String

    init(_ place: String, _ expectation: String) {
        description = "\(place) has to be \(expectation)"
    }
}

/// What stands in one place of a plan's JSON, for those who describe it.
package indirect enum PlanShape: Sendable {
    case flag
    case integer
    case count
    case bytes
    case milliseconds
    case port
    case text
    case path
    case processName
    /// A program with its arguments.
    case command
    case list(PlanShape)
    /// An object whose keys are the author's own.
    case map(PlanShape)
    case object([PlanMember])
}

package struct PlanMember: Sendable {
    package let key: String
    package let shape: PlanShape
    package let isRequired: Bool
}

/// How one kind of value is written to a plan's JSON and read from it.
struct PlanForm<Value>: Sendable {
    let shape: PlanShape
    let write: @Sendable (Value) -> JSONValue
    /// Takes the value, and its place for the error.
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

extension PlanForm<String> {
    static let text = PlanForm(.text, "a string", write: { .string($0) }, read: \.string)

    static let processName = PlanForm(
        .processName,
        "a process name (letters, digits, and . _ - : within)",
        write: { .string($0) },
        read: { json in json.string.flatMap { ProcessName.isValid($0) ? $0 : nil } },
    )
}

extension PlanForm<Bool> {
    static let flag = PlanForm(.flag, "true or false", write: { .bool($0) }, read: \.bool)
}

extension PlanForm<Int64> {
    static let bytes = number(.bytes, in: 0...Int64.max)

    /// Numbers outside of `range` become the nearest that is in it.
    static func number(
        _ shape: PlanShape = .count,
        in range: ClosedRange<Int64>,
    ) -> PlanForm {
        PlanForm(
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

extension PlanForm<Int> {
    static func count(atMost limit: Int) -> PlanForm {
        let form = PlanForm<Int64>.number(in: 0...Int64(limit))
        return PlanForm(
            form.shape,
            write: { .integer($0) },
            read: { Int(clamping: try form.read($0, $1)) },
        )
    }
}

extension PlanForm<Duration> {
    static let milliseconds = PlanForm(
        .milliseconds,
        "a whole number",
        write: { .integer($0.milliseconds) },
        read: { json in
            json.integer(as: Int64.self).flatMap { $0 < 0 ? nil : .clamped(milliseconds: $0) }
        },
    )
}

extension PlanForm<Port> {
    static let port = PlanForm(
        .port,
        "a port",
        write: { .integer($0.number) },
        read: { json in json.integer.flatMap { Port($0) } },
    )
}

extension PlanForm<FilePath> {
    /// A folder or file, which has to be absolute: a keeper has no folder of its own.
    static let path = PlanForm(
        .path,
        "an absolute path",
        write: { .string($0.string) },
        read: { json in
            json.string.map { FilePath($0) }.flatMap { $0.isAbsolute ? $0 : nil }
        },
    )
}

extension PlanForm<Hostname> {
    static let hostname = PlanForm(
        .text,
        "a host name",
        write: { .string($0.description) },
        read: { json in json.string.flatMap { Hostname($0) } },
    )
}

extension PlanForm<AppName> {
    static let appName = PlanForm(.text) {
        .string($0.description)
    } read: { json, place in
        let text = try PlanForm<String>.text.read(json, place)
        do {
            return try AppName(parsing: text)
        } catch {
            throw PlanProblem(place, "an app's name: \(error)")
        }
    }
}

// MARK: Lists and objects

extension PlanForm {
    static func list<Element>(of form: PlanForm<Element>) -> PlanForm
    where Value == [Element] {
        PlanForm(.list(form.shape)) { values in
            .array(values.map(form.write))
        } read: { json, place in
            guard let values = json.array else { throw PlanProblem(place, "a list") }
            return try values.enumerated().map { try form.read($1, "\(place)[\($0)]") }
        }
    }

    static func object(_ fields: [PlanField<Value>], blank: Value) -> PlanForm
    where Value: Sendable {
        PlanForm(.object(fields.map(\.member))) { value in
            .object(PlanField.write(value, fields))
        } read: { json, place in
            guard let object = json.object else { throw PlanProblem(place, "an object") }
            var value = blank
            for field in fields { try field.read(object, place, &value) }
            return value
        }
    }
}

extension PlanForm<[String]> {
    static let texts = list(of: .text)

    static let command = PlanForm(
        .command,
        "a program with its arguments",
        write: texts.write,
        read: { json in
            let words = try? texts.read(json, "")
            return words?.first?.isEmpty == false ? words : nil
        },
    )
}

extension PlanForm<Set<Int32>> {
    /// Codes that a process can't end with become the nearest that it can.
    static let codes = PlanForm(
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

extension PlanForm<[String: String]> {
    static let variables = PlanForm(.map(.text)) { variables in
        var object = JSONObject()
        for (name, value) in variables.sorted(by: { $0.key < $1.key }) {
            object[name] = .string(value)
        }
        return .object(object)
    } read: { json, place in
        guard let members = json.object?.members else { throw PlanProblem(place, "an object") }
        var variables: [String: String] = [:]
        for (name, value) in members {
            variables[name] = try PlanForm<String>.text.read(value, "\(place).\(name)")
        }
        return variables
    }
}

extension PlanForm<[DetectedProcess.LabeledPort]> {
    static let ports = PlanForm(.map(.port)) { ports in
        var object = JSONObject()
        for labeled in ports { object[labeled.label] = .integer(labeled.port.number) }
        return .object(object)
    } read: { json, place in
        guard let members = json.object?.members else { throw PlanProblem(place, "an object") }
        return try members.map { label, value in
            .init(label: label, port: try PlanForm<Port>.port.read(value, "\(place).\(label)"))
        }
    }
}

// MARK: Members

/// A member of an object in a plan, and the property that it stands for.
struct PlanField<Owner>: Sendable {
    let member: PlanMember
    let write: @Sendable (Owner) -> JSONValue?
    let read: @Sendable (JSONObject, _ place: String, inout Owner) throws -> Void

    /// One that has to be there.
    static func required<Value>(
        _ key: String,
        _ path: any WritableKeyPath<Owner, Value> & Sendable,
        _ form: PlanForm<Value>,
    ) -> PlanField {
        PlanField(
            member: PlanMember(key: key, shape: form.shape, isRequired: true),
            write: { form.write($0[keyPath: path]) },
            read: { object, place, owner in
                owner[keyPath: path] = try form.read(object[key] ?? .null, "\(place).\(key)")
            },
        )
    }

    /// One that keeps its value where it is missing.
    static func defaulted<Value>(
        _ key: String,
        _ path: any WritableKeyPath<Owner, Value> & Sendable,
        _ form: PlanForm<Value>,
    ) -> PlanField {
        PlanField(
            member: PlanMember(key: key, shape: form.shape, isRequired: false),
            write: { form.write($0[keyPath: path]) },
            read: { object, place, owner in
                guard let json = object[key] else { return }
                owner[keyPath: path] = try form.read(json, "\(place).\(key)")
            },
        )
    }

    /// One that is nil where it is missing.
    static func optional<Value>(
        _ key: String,
        _ path: any WritableKeyPath<Owner, Value?> & Sendable,
        _ form: PlanForm<Value>,
    ) -> PlanField {
        PlanField(
            member: PlanMember(key: key, shape: form.shape, isRequired: false),
            write: { $0[keyPath: path].map(form.write) },
            read: { object, place, owner in
                owner[keyPath: path] = try object[key].map { try form.read($0, "\(place).\(key)") }
            },
        )
    }

    /// Several that stand in an object of their own.
    static func group(_ key: String, _ fields: [PlanField]) -> PlanField {
        PlanField(
            member: PlanMember(
                key: key,
                shape: .object(fields.map(\.member)),
                isRequired: false,
            ),
            write: { .object(Self.write($0, fields)) },
            read: { object, place, owner in
                guard let json = object[key] else { return }
                guard let object = json.object else {
                    throw PlanProblem("\(place).\(key)", "an object")
                }
                for field in fields { try field.read(object, "\(place).\(key)", &owner) }
            },
        )
    }

    static func write(_ owner: Owner, _ fields: [PlanField]) -> JSONObject {
        var object = JSONObject()
        for field in fields { object[field.member.key] = field.write(owner) }
        return object
    }
}
