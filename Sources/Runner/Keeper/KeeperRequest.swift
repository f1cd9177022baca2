import PortlessCore

/// What the server asks of a keeper, as one line of JSON.
enum KeeperRequest: Hashable, Sendable {
    /// Read the plan again and start what it says, or only these processes of it.
    case up(only: [String]?)
    case start(String?)
    case stop(String?)
    case restart(String?)
    /// Tell of every change from now on, beginning with how all is.
    case watch
    /// Tell each new line, or stop to.
    case follow(Bool)
    /// Stop everything and end.
    case quit

    var json: JSONValue {
        var object: JSONObject = ["do": .string(verb)]
        switch self {
        case .up(let only):
            object["only"] = only.map { .array($0.map { .string($0) }) }
        case .start(let process), .stop(let process), .restart(let process):
            object["process"] = process.map { .string($0) }
        case .follow(let isOn): object["on"] = .bool(isOn)
        case .watch, .quit: break
        }
        return .object(object)
    }

    /// Nil for what this version doesn't know.
    init?(json: JSONValue) {
        let process = json["process"]?.string
        switch json["do"]?.string {
        case "up": self = .up(only: json["only"]?.array?.compactMap(\.string))
        case "start": self = .start(process)
        case "stop": self = .stop(process)
        case "restart": self = .restart(process)
        case "watch": self = .watch
        case "follow": self = .follow(json["on"]?.bool ?? true)
        case "quit": self = .quit
        default: return nil
        }
    }

    private var verb: String {
        switch self {
        case .up: "up"
        case .start: "start"
        case .stop: "stop"
        case .restart: "restart"
        case .watch: "watch"
        case .follow: "follow"
        case .quit: "quit"
        }
    }
}
