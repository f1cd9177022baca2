import PortlessCore

/// A request of the server to a keeper, as one line of JSON.
enum KeeperRequest: Hashable, Sendable {
    /// Read the plan again and start its processes, or only these.
    case up(only: [String]?)
    case start(String?)
    case stop(String?)
    case restart(String?)
    /// End them by force.
    case kill(String?)
    /// Report every change from now on, after the whole status.
    case watch
    /// Begin or stop to send each new line.
    case follow(Bool)
    /// Stop everything and end.
    case quit

    var json: JSONValue {
        switch self {
        case .up(let only):
            Self.json("up", only.map { ("only", .array($0.map { .string($0) })) })
        case .start(let process): Self.json("start", process.map { ("process", .string($0)) })
        case .stop(let process): Self.json("stop", process.map { ("process", .string($0)) })
        case .restart(let process): Self.json("restart", process.map { ("process", .string($0)) })
        case .kill(let process): Self.json("kill", process.map { ("process", .string($0)) })
        case .follow(let isOn): Self.json("follow", ("on", .bool(isOn)))
        case .watch: Self.json("watch")
        case .quit: Self.json("quit")
        }
    }

    private static func json(_ verb: String, _ member: (String, JSONValue)? = nil) -> JSONValue {
        var object: JSONObject = ["do": .string(verb)]
        if let member { object[member.0] = member.1 }
        return .object(object)
    }

    /// Nil for a request that this version doesn't know.
    init?(json: JSONValue) {
        let process = json["process"]?.string
        switch json["do"]?.string {
        case "up": self = .up(only: json["only"]?.array?.compactMap(\.string))
        case "start": self = .start(process)
        case "stop": self = .stop(process)
        case "restart": self = .restart(process)
        case "kill": self = .kill(process)
        case "watch": self = .watch
        case "follow": self = .follow(json["on"]?.bool ?? true)
        case "quit": self = .quit
        default: return nil
        }
    }
}

/// A message of a keeper, as one line of JSON.
enum KeeperMessage: Hashable, Sendable {
    /// The outcome of the request with this number.
    case answer(Int, [ProcessOutcome])
    case refusal(Int, String)
    /// All processes: the first message for a watcher, sent again after each new plan.
    case status([SupervisedProcess])
    case process(SupervisedProcess)
    case line(LogLine)

    var json: JSONValue {
        switch self {
        case .answer(let id, let outcomes):
            .object(["id": .integer(id), "outcomes": .array(outcomes.map(\.json))])
        case .refusal(let id, let reason):
            .object(["id": .integer(id), "error": .string(reason)])
        case .status(let processes):
            .object(["processes": .array(processes.map(\.json))])
        case .process(let process):
            .object(["process": process.json])
        case .line(let line): line.json
        }
    }

    /// Nil for a message that this version doesn't know.
    init?(json: JSONValue) {
        if let id = json["id"]?.integer {
            if let outcomes = json["outcomes"]?.array {
                self = .answer(id, outcomes.compactMap { ProcessOutcome(json: $0) })
            } else {
                self = .refusal(id, json["error"]?.string ?? "no reason is given")
            }
        } else if let processes = json["processes"]?.array {
            self = .status(processes.compactMap { SupervisedProcess(json: $0) })
        } else if let process = json["process"].flatMap({ SupervisedProcess(json: $0) }) {
            self = .process(process)
        } else if let line = LogLine(json: json) {
            self = .line(line)
        } else {
            return nil
        }
    }
}
