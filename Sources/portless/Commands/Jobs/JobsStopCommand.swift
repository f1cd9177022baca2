import ArgumentParser
import PortlessCore

/// `portless jobs stop <job>…`: ends jobs, by force after five seconds.
struct JobsStopCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "End jobs with all that they started, by force after 5 seconds.",
    )

    @Argument(help: "Their ids, or names.")
    var jobs: [String]

    @Flag(help: "Print them as JSON.")
    var json = false

    func run(_ context: CommandContext) throws {
        try JobEnding(verb: "stop", jobs: jobs, isJSON: json).run(context)
    }
}

/// `portless jobs kill <job>…`: ends jobs by force.
struct JobsKillCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "kill",
        abstract: "End jobs with all that they started, at once (SIGKILL).",
    )

    @Argument(help: "Their ids, or names.")
    var jobs: [String]

    @Flag(help: "Print them as JSON.")
    var json = false

    func run(_ context: CommandContext) throws {
        try JobEnding(verb: "kill", jobs: jobs, isJSON: json).run(context)
    }
}

/// `portless jobs prune`: forgets the jobs that have ended.
struct JobsPruneCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Forget the jobs that have ended, with their output.",
    )

    @Flag(help: "Print what was forgotten as JSON.")
    var json = false

    func run(_ context: CommandContext) throws {
        let removed =
            try JobClient.hasJobs(context)
            ? JobClient(context).server.post("/api/jobs/prune")["removed"]?.array ?? [] : []
        if json { return context.console.print(JSONValue.array(removed).formatted) }
        context.console.print("Forgot \(removed.count) job(s).")
    }
}

private struct JobEnding {
    let verb: String
    let jobs: [String]
    let isJSON: Bool

    func run(_ context: CommandContext) throws {
        let client = try JobClient(context)
        var ended: [JSONValue] = []
        // All names are looked up before the first job is ended.
        for id in try jobs.map({ try client.job($0)["id"]?.string ?? "" }) {
            let job = try client.server.post("/api/jobs/\(id)/\(verb)")
            if !isJSON { context.console.print("\(job.jobTitle) \(job.jobEnding)") }
            ended.append(job)
        }
        if isJSON { context.console.print(JSONValue.array(ended).formatted) }
        guard let stubborn = ended.first(where: \.isActiveJob) else { return }
        throw Failure(
            "\(stubborn.jobTitle) doesn't end.",
            remedy: "End it by force: portless jobs kill \(stubborn["id"]?.string ?? "")",
        )
    }
}
