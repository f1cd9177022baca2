import HostSystem
import SystemPackage

// The file in the state directory, the API's answer and `portless crashes show --json` are one form.

extension CrashRecord {
    private static let head: [JSONField<CrashRecord>] = [
        .required("id", \.id, as: .crashID),
        .required("at", \.time, as: .text),
        .required("app", \.app, as: .appName),
        .required("process", \.process, as: .processName),
        .required("directory", \.directory, as: .path),
        .exit,
        .told("sentence", .text) { .string($0.sentence) },
        .defaulted("uptimeMs", \.uptime, as: .milliseconds),
        .optional("pid", \.pid, as: .pid),
        .told("diagnosis", CrashDiagnosis.shape) { $0.diagnosis.json },
        .optional("patch", \.patch, as: .patch),
    ]

    private static let tail: [JSONField<CrashRecord>] = [
        .defaulted("command", \.command, as: .texts),
        .defaulted("errors", \.errors, as: .list(of: .crashLine)),
        .defaulted("output", \.output, as: .list(of: .crashLine)),
        .defaulted("ports", \.ports, as: .list(of: .portState)),
        .defaulted("environment", \.environment, as: .texts),
        .optional("git", \.repository, as: .repository),
    ]

    private static let examined = JSONField<CrashRecord>.defaulted(
        "examined",
        \.isExamined,
        as: .flag,
    )

    /// The form of an entry of the list, and of a whole record.
    package static var entryShape: JSONShape { .named("Crash", .object(head.flatMap(\.members))) }
    package static var shape: JSONShape {
        .named("CrashRecord", .object((head + tail).flatMap(\.members)))
    }

    /// The record without its lines, as lists and events have it.
    package var entry: JSONValue { .object(JSONField.write(self, Self.head)) }

    /// The whole record.
    package var json: JSONValue { .object(JSONField.write(self, Self.head + Self.tail)) }

    /// The whole record in its file.
    package var stored: JSONValue {
        .object(JSONField.write(self, Self.head + Self.tail + [Self.examined]))
    }

    /// Reads what `stored` wrote; nil for anything else.
    package init?(json: JSONValue) {
        let fields = Self.head + Self.tail + [Self.examined]
        guard let object = json.object,
            let app = object["app"]?.string.flatMap({ try? AppName(parsing: $0) })
        else { return nil }
        self.init(id: "", time: Timestamp(seconds: 0), app: app, process: "", directory: "/")
        for field in fields {
            do {
                try field.read(object, "crash", &self)
            } catch  where !field.members.contains(where: \.isRequired) {
                continue
            } catch {
                return nil
            }
        }
    }
}

extension JSONField<CrashRecord> {
    /// `code`, `signal` with its `name`, or `problem`; none of them where the cause is unknown.
    fileprivate static let exit = JSONField(
        members: [
            JSONMember(
                key: "exit",
                shape: .object([
                    JSONMember(key: "code", shape: .integer, isRequired: false),
                    JSONMember(key: "signal", shape: .integer, isRequired: false),
                    JSONMember(key: "name", shape: .text, isRequired: false),
                    JSONMember(key: "problem", shape: .text, isRequired: false),
                ]),
                isRequired: false,
                isConstant: true,
            )
        ],
        write: { record, object in
            var exit = JSONObject()
            switch record.cause {
            case .code(let code)?: exit["code"] = .integer(code)
            case .signal(let number)?:
                exit["signal"] = .integer(number)
                exit["name"] = .string(Signal(rawValue: number).description)
            case .unknown?, nil: break
            }
            exit["problem"] = record.problem.map { .string($0) }
            object["exit"] = .object(exit)
        },
        read: { object, _, record in
            let exit = object["exit"]?.object ?? [:]
            if let code = exit["code"]?.integer(as: Int32.self) {
                record.cause = .code(code)
            } else if let number = exit["signal"]?.integer(as: Int32.self) {
                record.cause = .signal(number)
            }
            record.problem = exit["problem"]?.string
        },
    )

    /// A member that follows from the others, so it isn't read.
    fileprivate static func told(
        _ key: String,
        _ shape: JSONShape,
        _ value: @escaping @Sendable (CrashRecord) -> JSONValue,
    ) -> JSONField {
        JSONField(
            members: [
                JSONMember(key: key, shape: shape, isRequired: false, isConstant: true)
            ],
            write: { $1[key] = value($0) },
            read: { _, _, _ in },
        )
    }
}

extension JSONCodec<String> {
    fileprivate static let crashID = JSONCodec(
        .text,
        "an identifier of a crash",
        write: { .string($0) },
        read: { json in json.string.flatMap { CrashRecord.isValidID($0) ? $0 : nil } },
    )
}

extension JSONCodec<Int32> {
    fileprivate static let pid = JSONCodec(
        .count,
        "a PID",
        write: { .integer($0) },
        read: { $0.integer(as: Int32.self).flatMap { $0 > 0 ? $0 : nil } },
    )
}

extension JSONCodec<CrashRecord.Line> {
    fileprivate static let crashLine = object(
        [.required("at", \.time, as: .text), .required("text", \.text, as: .text)],
        blank: CrashRecord.Line(time: Timestamp(seconds: 0), text: ""),
    )
}

extension JSONCodec<CrashRecord.PortState> {
    fileprivate static let portState = JSONCodec(
        .object([
            JSONMember(key: "label", shape: .text, isRequired: false),
            JSONMember(key: "port", shape: .port, isRequired: true),
            JSONMember(key: "holder", shape: .text, isRequired: false),
        ]),
        "a port",
        write: { state in
            var object = JSONObject()
            object["label"] = state.label.map { .string($0) }
            object["port"] = .integer(state.port.number)
            object["holder"] = state.holder.map { .string($0) }
            return .object(object)
        },
        read: { json in
            json["port"]?.integer.flatMap { Port($0) }.map { port in
                CrashRecord.PortState(
                    label: json["label"]?.string,
                    port: port,
                    holder: json["holder"]?.string,
                )
            }
        },
    )
}

extension JSONCodec<CrashRecord.Repository> {
    fileprivate static let repository = object(
        [
            .required("root", \.root, as: .path),
            .required("head", \.head, as: .text),
            .optional("branch", \.branch, as: .text),
            JSONField(
                members: [
                    JSONMember(
                        key: "lastGood",
                        shape: .object([
                            JSONMember(key: "head", shape: .text, isRequired: true),
                            JSONMember(key: "at", shape: .text, isRequired: true),
                        ]),
                        isRequired: false,
                    )
                ],
                write: { repository, object in
                    guard let head = repository.goodHead, let time = repository.goodTime else {
                        return
                    }
                    object["lastGood"] = .object([
                        "head": .string(head), "at": .string(time.text),
                    ])
                },
                read: { object, place, repository in
                    guard let good = object["lastGood"] else { return }
                    repository.goodHead = good["head"]?.string
                    repository.goodTime = try JSONCodec<Timestamp>.text.read(
                        good["at"] ?? .null,
                        "\(place).lastGood.at",
                    )
                },
            ),
            .defaulted("changed", \.changed, as: .texts),
            .defaulted("more", \.more, as: .count(atMost: 1_000_000_000)),
        ],
        blank: CrashRecord.Repository(root: "/", head: "", branch: nil),
    )
}

extension JSONCodec<CrashPatch> {
    fileprivate static let patch = object(
        [
            .required("state", \.state, as: .choice),
            .required("sentence", \.sentence, as: .text),
            .required("at", \.time, as: .text),
            .defaulted("files", \.files, as: .texts),
            .optional("bytes", \.bytes, as: .bytes),
            .optional("job", \.job, as: .appName),
        ],
        blank: CrashPatch(.failed, "", at: Timestamp(seconds: 0)),
        name: "CrashPatch",
    )
}
