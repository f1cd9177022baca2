import ArgumentParser
import HostSystem
import PortlessCore

/// `portless server status`.
struct ServerStatusCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show whether the server runs, and how it is reached.",
    )

    @Flag(help: "Print it as JSON.")
    var json = false

    func run(_ context: CommandContext) throws {
        let record = try ServerControl(context).running()
        let warnings = try record.map { try ServerControl(context).warnings(of: $0) } ?? []
        if json {
            var object: JSONObject = ["running": .bool(record != nil)]
            for (key, value) in record?.json.object?.members ?? [] { object[key] = value }
            if record != nil { object["warnings"] = .array(warnings.map { .string($0) }) }
            context.console.print(JSONValue.object(object).formatted)
        } else if let record {
            context.console.print("Server runs (PID \(record.process.pid)): \(record.localURL)")
        } else {
            context.console.print("Server is not running.")
        }
        if !json { for warning in warnings { context.console.warn(warning) } }
        if record == nil { throw ExitCode(1) }
    }
}
