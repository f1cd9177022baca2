import ArgumentParser
import PortlessCore

/// `portless logs`: what processes in the background have written.
struct LogsCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "portless logs",
        abstract: "Show what processes in the background have written.",
    )

    private static let mostLines = 10_000

    @Argument(help: "A process of the project here, or an app, or an app and its process.")
    var names: [String] = []

    @Flag(name: [.short, .long], help: "Go on with each new line.")
    var follow = false

    @Option(name: [.customShort("n"), .long], help: "How many of the last lines.")
    var lines = 100

    func run(_ context: CommandContext) throws {
        guard (0...Self.mostLines).contains(lines) else {
            throw Failure("-n takes a number from 0 to \(Self.mostLines).")
        }
        let (app, process) = try target(context)
        let apps = SupervisedApps(server: try context.server())
        let all = try apps.processes(of: app).map(\.name)
        if let process, !all.contains(process) {
            throw Failure(
                "\(app) has no process called \"\(process)\".",
                remedy: "It has: \(all.joined(separator: ", ")).",
            )
        }
        let printer = LogPrinter(context.console, processes: process.map { [$0] } ?? all)
        if follow {
            let follower = LogFollower(context: context, app: app, process: process)
            try follower.run(last: lines, printer)
            return
        }
        for line in try apps.lines(of: app, process, last: lines) { printer.print(line) }
    }

    private func target(_ context: CommandContext) throws -> (app: String, process: String?) {
        let first = try context.selectApps(Array(names.prefix(1))).choices.first
        let app = first?.app ?? ""
        return (app, names.count > 1 ? names[1] : first?.processes?.first)
    }
}
