import HostSystem

/// What a crash's record says about its cause, and what helps.
///
/// A sentence tells what was seen; what only seems so says "may" or "probably".
package struct CrashDiagnosis: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case portTaken = "port-taken"
        case moduleMissing = "module-missing"
        case commandMissing = "command-missing"
        case variableMissing = "variable-missing"
        case outOfMemory = "out-of-memory"
        case interpreter
        case permission
        case databaseDown = "database-down"
        case connectionRefused = "connection-refused"
        case fileMissing = "file-missing"
        case syntax
        case killed
        case unknown
    }

    package var kind: Kind
    package var sentence: String
    /// Whether the record shows the cause, rather than suggests it.
    package var isCertain = true
    package var remedy: String?
    /// A command line to copy.
    package var command: String?
    /// The line of the output that it stands on.
    package var evidence: String?
    /// The port that is taken.
    var port: Port?

    init(
        _ kind: Kind,
        _ sentence: String,
        isCertain: Bool = true,
        remedy: String? = nil,
        command: String? = nil,
    ) {
        self.kind = kind
        self.sentence = sentence
        self.isCertain = isCertain
        self.remedy = remedy
        self.command = command
    }
}

extension CrashDiagnosis {
    /// The diagnosis by the last line that tells a cause, else by how the process ended.
    ///
    /// The last line counts, because programs report what they die of at their end; a line that
    /// names no file, port or address is used only where no other one does.
    static func of(_ record: CrashRecord) -> CrashDiagnosis {
        if let problem = record.problem { return notStarted(problem) }
        let lines = (record.output + record.errors).map { OutputLine($0.text) }
        let facts = CrashFacts(record, lines: lines)
        var vague: CrashDiagnosis?
        for (index, line) in lines.enumerated().reversed() where !line.isFrame {
            for rule in rules {
                guard var found = rule(line, index, facts) else { continue }
                found.evidence = line.text.visibleLine
                if found.isCertain, !line.isWrapper { return found }
                vague = vague ?? found
                break
            }
        }
        if case .signal(let number)? = record.cause, number == 9, vague?.kind != .outOfMemory {
            return killed
        }
        return vague ?? ending(record.cause)
    }

    /// Rules in their order: of two that know a line, the first one decides.
    private static let rules: [@Sendable (OutputLine, Int, CrashFacts) -> CrashDiagnosis?] = [
        portTaken, outOfMemory, moduleMissing, syntax, variableMissing, databaseDown, permission,
        interpreter, commandMissing, fileMissing,
    ]

    private static func notStarted(_ problem: String) -> CrashDiagnosis {
        let line = OutputLine(problem)
        var found =
            if let name = line.after("The program \"")?.prefix(while: { $0 != "\"" }) {
                CrashDiagnosis.missing(program: String(name))
            } else if line.has("is no program that can be run") {
                CrashDiagnosis(
                    .interpreter,
                    problem,
                    remedy: "Check that the file is there and executable: chmod +x.",
                )
            } else {
                CrashDiagnosis(.unknown, problem)
            }
        found.evidence = problem.visibleLine
        return found
    }

    private static let killed = CrashDiagnosis(
        .killed,
        """
        SIGKILL ended it. Another program sent that, or the system did because memory ran out: the \
        record can't tell which.
        """,
        isCertain: false,
        remedy: "Look for \"out of memory\" in the system's log at that time.",
    )

    private static func ending(_ cause: ProcessExit.Cause?) -> CrashDiagnosis {
        switch cause {
        case .signal(let number)?:
            let signal = Signal(rawValue: number)
            let meaning =
                switch signal.description {
                case "SIGSEGV", "SIGBUS": ", an invalid access to memory in native code"
                case "SIGABRT": ": the program gave up by itself"
                case "SIGILL": ", an instruction that this processor doesn't have"
                default: ""
                }
            return CrashDiagnosis(.killed, "\(signal) ended it\(meaning).")
        case .code(127)?:
            return CrashDiagnosis(
                .commandMissing,
                "It exited with 127, which shells use for a command that they don't find.",
                isCertain: false,
                remedy: "Check that the programs it calls are installed.",
            )
        case .code(126)?:
            return CrashDiagnosis(
                .interpreter,
                "It exited with 126, which shells use for a file that they can't execute.",
                isCertain: false,
                remedy: "Check that the file is executable, and its first line.",
            )
        case .code(137)?: return killed
        case .code(let code)?:
            return CrashDiagnosis(
                .unknown,
                "It exited with code \(code), and its output names no cause that is known here.",
                isCertain: false,
            )
        case .unknown?, nil:
            return CrashDiagnosis(
                .unknown,
                "It ended while its keeper was gone, so its exit code is unknown.",
            )
        }
    }
}

extension CrashDiagnosis {
    static let shape = JSONShape.named(
        "CrashDiagnosis",
        .object([
            JSONMember(key: "kind", shape: JSONCodec<Kind>.choice.shape, isRequired: true),
            JSONMember(key: "sentence", shape: .text, isRequired: true),
            JSONMember(key: "isCertain", shape: .flag, isRequired: true),
            JSONMember(key: "remedy", shape: .text, isRequired: false),
            JSONMember(key: "command", shape: .text, isRequired: false),
            JSONMember(key: "evidence", shape: .text, isRequired: false),
        ]),
    )

    package var json: JSONValue {
        var object: JSONObject = [
            "kind": .string(kind.rawValue), "sentence": .string(sentence),
            "isCertain": .bool(isCertain),
        ]
        object["remedy"] = remedy.map { .string($0) }
        object["command"] = command.map { .string($0) }
        object["evidence"] = evidence.map { .string($0) }
        return .object(object)
    }
}

/// What rules know beside a line.
struct CrashFacts: Sendable {
    let lines: [OutputLine]
    let variables: Set<String>
    let ports: [CrashRecord.PortState]
    let exitCode: Int32?
    /// The last part of the program's path, such as `node`.
    let program: String

    init(_ record: CrashRecord, lines: [OutputLine]) {
        self.lines = lines
        variables = Set(record.environment)
        ports = record.ports
        exitCode = if case .code(let code)? = record.cause { code } else { nil }
        let path = record.command.first ?? ""
        program = path.split(separator: "/").last.map(String.init) ?? path
    }

    /// The lines before one, nearest first.
    func before(_ index: Int, _ count: Int) -> [OutputLine] {
        lines[max(0, index - count)..<index].reversed()
    }

    func after(_ index: Int, _ count: Int) -> ArraySlice<OutputLine> {
        lines[min(index + 1, lines.count)..<min(index + 1 + count, lines.count)]
    }

    func holder(of port: Port) -> String? { ports.first { $0.port == port }?.holder }
}
