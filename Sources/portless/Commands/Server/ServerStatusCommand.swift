import ArgumentParser
import HostSystem
import NIOCore
import PortlessCore

/// `portless server status`.
struct ServerStatusCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "portless server status",
        abstract: "Show whether the server runs, and how it is reached.",
    )

    @Flag(help: "Print it as JSON.")
    var json = false

    @OptionGroup var leftovers: Leftovers

    func run(_ context: CommandContext) throws {
        try leftovers.refuse(in: "server status", flags: ["--json"])
        let record = try ServerLauncher(context: context).running()
        let warnings = try record.map { try complaints(of: $0, context) } ?? []
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

    /// What the server itself warns of; one that hangs is a reason to warn, too.
    private func complaints(of record: ServerRecord, _ context: CommandContext) throws -> [String] {
        do {
            let exposure = try APIClient(record, directory: context.stateDirectory())
                .get("/api/network-exposure/status", within: .seconds(5))
            return (exposure["warnings"]?.array ?? []).compactMap(\.string)
        } catch let failure as Failure {
            return [failure.sentence]
        }
    }
}
