import ArgumentParser
import HostSystem
import PortlessCore
import SystemPackage

/// `portless jobs logs <job>`: what a job has written.
struct JobsLogsCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Show what a job has written.",
    )

    private static let pause = Duration.milliseconds(200)

    @Argument(help: "Its id, or its name.")
    var job: String

    @Flag(name: [.short, .long], help: "Go on with each new line until the job has ended.")
    var follow = false

    @Option(name: [.customShort("n"), .customLong("lines")], help: "How many of the last lines.")
    var count = 100

    @Flag(help: "Print each line as a JSON object.")
    var json = false

    func run(_ context: CommandContext) throws {
        guard (1...1000).contains(count) else {
            throw Failure("-n takes a number of lines from 1 to 1000, and not \(count).")
        }
        let client = try JobClient(context)
        var job = try client.job(job)
        let path = "/api/jobs/\(job["id"]?.string ?? "")"
        let printer = LogPrinter(context.console, processes: ["job"], isJSON: json)
        var answer = try client.server.get("\(path)/output?lines=\(count)")
        var cursor = answer["cursor"]?.integer ?? 0
        while true {
            for line in (answer["lines"]?.array ?? []).compactMap({ LogLine(json: $0) }) {
                printer.print(line)
            }
            cursor = answer["cursor"]?.integer ?? cursor
            let isOver = !job.isActiveJob && answer["more"]?.bool != true
            guard follow, !isOver, PipeReader.isThere(.standardOutput) else { return }
            if answer["more"]?.bool != true {
                SystemClock.sleep(for: Self.pause)
                // Before the output is read: what a job wrote before its end is there then.
                job = try client.server.get(path)
            }
            answer = try client.server.get("\(path)/output?lines=1000&after=\(cursor)")
        }
    }
}
