import PortlessCore

/// What a keeper tells, as one line of JSON.
enum KeeperMessage: Hashable, Sendable {
    /// What came of the request with this number.
    case answer(Int, [ProcessOutcome])
    case refusal(Int, String)
    /// All processes: the first thing a watcher hears, and again after each new plan.
    case status([SupervisedProcess])
    case process(SupervisedProcess)
    case line(LogLine)

    var json: JSONValue {
        switch self {
        case .answer(let id, let outcomes):
            .object(["id": .integer(id), "outcomes": .array(outcomes.map(Self.json))])
        case .refusal(let id, let reason):
            .object(["id": .integer(id), "error": .string(reason)])
        case .status(let processes):
            .object(["processes": .array(processes.map(\.json))])
        case .process(let process):
            .object(["process": process.json])
        case .line(let line):
            .object([
                "line": .string(line.process),
                "time": .integer(line.time),
                "cursor": .integer(line.cursor),
                "stream": .string(line.stream.rawValue),
                "text": .string(line.text),
            ])
        }
    }

    /// Nil for what this version doesn't know.
    init?(json: JSONValue) {
        if let id = json["id"]?.integer {
            if let outcomes = json["outcomes"]?.array {
                self = .answer(id, outcomes.compactMap(Self.outcome))
            } else {
                self = .refusal(id, json["error"]?.string ?? "no reason is given")
            }
        } else if let processes = json["processes"]?.array {
            self = .status(processes.compactMap { SupervisedProcess(json: $0) })
        } else if let process = json["process"].flatMap({ SupervisedProcess(json: $0) }) {
            self = .process(process)
        } else if let process = json["line"]?.string,
            let time = json["time"]?.integer(as: Int64.self),
            let stream = json["stream"]?.string.flatMap({ LogLine.Stream(rawValue: $0) }),
            let text = json["text"]?.string
        {
            self = .line(
                LogLine(
                    process: process,
                    time: time,
                    cursor: json["cursor"]?.integer(as: Int64.self),
                    stream: stream,
                    text: text,
                )
            )
        } else {
            return nil
        }
    }

    private static func json(_ outcome: ProcessOutcome) -> JSONValue {
        var object: JSONObject = [
            "process": .string(outcome.process), "state": .string(outcome.state.rawValue),
        ]
        object["error"] = outcome.error.map { .string($0) }
        return .object(object)
    }

    private static func outcome(_ json: JSONValue) -> ProcessOutcome? {
        guard let process = json["process"]?.string,
            let state = json["state"]?.string.flatMap({ ProcessState(rawValue: $0) })
        else { return nil }
        return ProcessOutcome(process: process, state: state, error: json["error"]?.string)
    }
}
