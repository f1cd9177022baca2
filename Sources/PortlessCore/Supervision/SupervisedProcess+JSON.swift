import HostSystem

// Each member stands here once: it is written, read and described by these lists alone. Readers are
// lenient: a member that isn't understood is as if it were missing.

extension SupervisedProcess {
    package static var shape: JSONShape { JSONCodec.supervised.shape }

    /// The process in `status.json`, between a keeper and the server, and in the API.
    package var json: JSONValue { JSONCodec.supervised.write(self) }

    /// Reads what `json` wrote; nil for anything else.
    package init?(json: JSONValue) {
        guard let process = try? JSONCodec.supervised.read(json, "process") else { return nil }
        self = process
    }
}

extension JSONCodec<SupervisedProcess> {
    static let supervised = object(
        [
            .required("name", \.name, as: .text),
            .required("state", \.state, as: .choice),
            .defaulted("restarts", \.restarts, as: .count(atMost: 1_000_000_000)),
            .defaulted("unstableRestarts", \.unstableRestarts, as: .count(atMost: 1_000_000_000)),
            .defaulted("ports", \.ports, as: .ports),
            .defaulted("urls", \.urls, as: .texts),
            .identity,
            .optional("startedAt", \.startedAt, as: .milliseconds),
            .optional("lastExit", \.lastExit, as: .exit),
            .optional("reason", \.reason, as: .text),
            .optional("waitsFor", \.waitsFor, as: .text),
            .heldUp,
            .optional("heldPort", \.heldPort, as: .port),
            .optional("primaryPort", \.primaryPort, as: .port),
            .optional("health", \.health, as: .processHealth),
            .optional("cpu", \.cpu, as: .number),
            .optional("memory", \.memory, as: .bytes),
        ],
        blank: SupervisedProcess(name: "", state: .unknown),
        name: "Process",
        lenient: true,
    )
}

extension JSONField<SupervisedProcess> {
    fileprivate static let identity = JSONField(
        members: [
            JSONMember(key: "pid", shape: .integer, isRequired: false),
            JSONMember(key: "startTime", shape: .integer, isRequired: false),
            JSONMember(key: "pidNamespace", shape: .integer, isRequired: false),
            JSONMember(key: "boot", shape: .text, isRequired: false),
        ],
        write: { $0.identity?.write(to: &$1) },
        read: { object, _, process in
            // 0 and below stand for groups and for all processes, 1 for what started the system.
            process.identity = ProcessIdentity(entry: object).flatMap { $0.pid > 1 ? $0 : nil }
        },
    )
}

extension JSONField<SupervisedProcess> {
    /// Only there where it is true.
    fileprivate static let heldUp = JSONField(
        members: [JSONMember(key: "heldUp", shape: .flag, isRequired: false)],
        write: { $1["heldUp"] = $0.isHeldUp ? .bool(true) : nil },
        read: { object, _, process in process.isHeldUp = object["heldUp"]?.bool ?? false },
    )
}

extension JSONCodec<ProcessExit> {
    fileprivate static let exit = object(
        [
            .required("time", \.time, as: .milliseconds),
            .defaulted("uptime", \.uptime, as: .milliseconds),
            .defaulted("requested", \.wasRequested, as: .flag),
            .timedOut,
            .cause,
        ],
        blank: ProcessExit(
            cause: .unknown,
            time: Timestamp(seconds: 0),
            uptime: .zero,
            wasRequested: false,
        ),
        name: "Exit",
        lenient: true,
    )
}

extension JSONField<ProcessExit> {
    /// Only there where it is true.
    fileprivate static let timedOut = JSONField(
        members: [JSONMember(key: "timedOut", shape: .flag, isRequired: false)],
        write: { $1["timedOut"] = $0.hasTimedOut ? .bool(true) : nil },
        read: { object, _, exit in exit.hasTimedOut = object["timedOut"]?.bool ?? false },
    )

    /// `code` or `signal`; neither where the cause is unknown.
    fileprivate static let cause = JSONField(
        members: [
            JSONMember(key: "code", shape: .integer, isRequired: false),
            JSONMember(key: "signal", shape: .integer, isRequired: false),
        ],
        write: { exit, object in
            switch exit.cause {
            case .code(let code): object["code"] = .integer(code)
            case .signal(let number): object["signal"] = .integer(number)
            case .unknown: break
            }
        },
        read: { object, _, exit in
            if let code = object["code"]?.integer(as: Int32.self) {
                exit.cause = .code(code)
            } else if let number = object["signal"]?.integer(as: Int32.self) {
                exit.cause = .signal(number)
            }
        },
    )
}

extension ProcessOutcome {
    private static let codec = JSONCodec.object(
        [
            .required("process", \.process, as: .text),
            .required("state", \.state, as: .choice),
            .optional("error", \.error, as: .text),
        ],
        blank: ProcessOutcome(process: "", state: .unknown),
        lenient: true,
    )

    /// What a keeper answers the server.
    package var json: JSONValue { Self.codec.write(self) }

    package init?(json: JSONValue) {
        guard let outcome = try? Self.codec.read(json, "outcome") else { return nil }
        self = outcome
    }
}
