import ArgumentParser
import PortlessCore

/// `portless jobs show <job>`: all that is known of one.
struct JobsShowCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one job.",
    )

    @Argument(help: "Its id, or its name.")
    var job: String

    @Flag(help: "Print it as JSON.")
    var json = false

    func run(_ context: CommandContext) throws {
        let job = try JobClient(context).job(job)
        if json { return context.console.print(job.formatted) }
        context.console.print("\(job.jobTitle)  \(job.jobEnding)")
        let command = (job["command"]?.array ?? []).compactMap(\.string)
        context.console.print("command    \(command.joined(separator: " "))")
        for key in ["directory", "createdAt", "startedAt", "endedAt", "reason"] {
            guard let text = job[key]?.string else { continue }
            let name = key + String(repeating: " ", count: 11 - key.count)
            context.console.print(name + text)
        }
    }
}

/// `portless jobs wait <job>`: returns when it has ended, with its exit code.
struct JobsWaitCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until a job has ended, and exit as it did.",
    )

    @Argument(help: "Its id, or its name.")
    var job: String

    @Flag(help: "Print it as JSON.")
    var json = false

    func run(_ context: CommandContext) throws {
        let client = try JobClient(context)
        let job = try client.wait(for: client.job(job))
        if json { context.console.print(job.formatted) }
        try job.exitAsJob()
    }
}
