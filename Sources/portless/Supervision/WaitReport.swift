import HostSystem
import PortlessCore
import Runner
import SystemPackage

/// What came of waiting for apps, as `up`, `run --detach` and `wait` print it with `--json`.
struct WaitReport {
    struct App {
        enum Kind: String {
            case supervised, terminal, alias
        }

        var name: String
        var kind: Kind
        /// Nil where it isn't known.
        var directory: FilePath?
        var processes: [Process]

        /// An app's own name comes before those of its labels.
        var url: String? { processes.flatMap(\.urls).min { $0.utf8.count < $1.utf8.count } }
    }

    struct Process {
        var name: String
        var state: String
        /// Nil for one whose fate was still open.
        var outcome: Outcome?
        var pid: Int32?
        var ports: [DetectedProcess.LabeledPort]
        var primaryPort: Port?
        var urls: [String]
        /// Why it isn't ready, as a sentence.
        var problem: String?
        var lastExit: ProcessExit.Cause?
        var lastLines: [String] = []
    }

    var outcome: Outcome
    var apps: [App] = []
    var error: (any Error)?

    /// A refusal before there was anything to wait for.
    init(_ error: any Error, otherwise outcome: Outcome = .failed) {
        let own = (error as? Failure)?.outcome ?? .failed
        self.outcome = own == .failed ? outcome : own
        self.error = error
    }

    init(_ outcome: Outcome, _ apps: [App]) {
        self.outcome = outcome
        self.apps = apps
    }
}

extension WaitReport.Process {
    init(
        _ process: SupervisedProcess,
        outcome: Outcome?,
        problem: String?,
        lastLines: [String],
    ) {
        self.init(
            name: process.name,
            state: process.state.rawValue,
            outcome: outcome,
            pid: process.pid,
            ports: process.ports,
            primaryPort: process.primaryPort,
            urls: process.urls,
            problem: outcome == .ready ? nil : problem,
            lastExit: process.lastExit?.cause,
            lastLines: lastLines,
        )
    }
}

// MARK: JSON

extension WaitReport {
    /// Every member is always there; docs/schemas/wait.schema.json describes them.
    var json: JSONValue {
        .object([
            "outcome": .string(outcome.word), "exitCode": .integer(outcome.rawValue),
            "error": error.map(Self.json) ?? .null,
            "apps": .array(apps.map(\.json)),
        ])
    }

    private static func json(_ error: any Error) -> JSONValue {
        let lines = String(describing: error).split(separator: "\n", maxSplits: 1)
        return .object([
            "message": .string(lines.first.map(String.init) ?? ""),
            "remedy": lines.dropFirst().first.map { .string(String($0)) } ?? .null,
        ])
    }
}

extension WaitReport.App {
    fileprivate var json: JSONValue {
        .object([
            "name": .string(name), "kind": .string(kind.rawValue),
            "directory": directory.map { .string($0.string) } ?? .null,
            "url": url.map { .string($0) } ?? .null,
            "processes": .array(processes.map(\.json)),
        ])
    }
}

extension WaitReport.Process {
    fileprivate var json: JSONValue {
        var ports = JSONObject()
        for labeled in self.ports { ports[labeled.label] = .integer(labeled.port.number) }
        return .object([
            "name": .string(name), "state": .string(state),
            "outcome": outcome.map { .string($0.word) } ?? .null,
            "pid": pid.map { .integer($0) } ?? .null,
            "ports": .object(ports),
            "primaryPort": primaryPort.map { .integer($0.number) } ?? .null,
            "urls": .array(urls.map { .string($0) }),
            "problem": problem.map { .string($0) } ?? .null,
            "lastExit": lastExit.map(Self.json) ?? .null,
            "lastLines": .array(lastLines.map { .string($0) }),
        ])
    }

    private static func json(_ cause: ProcessExit.Cause) -> JSONValue {
        switch cause {
        case .code(let code): .object(["code": .integer(code)])
        case .signal(let number): .object(["signal": .integer(number)])
        case .unknown: .object([:])
        }
    }
}
