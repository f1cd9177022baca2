import ArgumentParser
import HostSystem
import PortlessCore

/// `portless jobs list`: those that run, and those that have ended.
struct JobsListCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the jobs, the latest first.",
    )

    @Flag(help: "Print the jobs as JSON.")
    var json = false

    func run(_ context: CommandContext) throws {
        let jobs = try JobClient.hasJobs(context) ? JobClient(context).list() : []
        if json { return context.console.print(JSONValue.array(jobs).formatted) }
        guard !jobs.isEmpty else {
            return context.console.print("No job was run yet: portless jobs run -- <command>")
        }
        let rows = jobs.map(Self.cells)
        let header = ["ID", "NAME", "STATE", "PID", "EXIT", "COMMAND"]
        context.console.print(TextTable(header: header, rows: rows).text)
    }

    private static func cells(of job: JSONValue) -> [String] {
        func number(_ key: String) -> String? { job[key]?.integer.map { String($0) } }
        let command = (job["command"]?.array ?? []).compactMap(\.string)
        return [
            job["id"]?.string ?? "", job["name"]?.string ?? "-", job["state"]?.string ?? "",
            number("pid") ?? "-",
            number("exitCode") ?? number("signal").map { "signal \($0)" } ?? "-",
            command.joined(separator: " "),
        ]
    }
}
