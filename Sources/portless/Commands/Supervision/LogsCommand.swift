import ArgumentParser
import PortlessCore

/// `portless logs`: what processes in the background have written.
struct LogsCommand: ContextCommand, NamesApps {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Show what processes in the background have written.",
    )

    private static let mostLines = 10_000

    @Argument(help: "Processes of the project here, or an app, or an app and its processes.")
    var names: [String] = []

    @Flag(name: [.short, .long], help: "Go on with each new line.")
    var follow = false

    @Option(name: [.customShort("n"), .long], help: "How many of the last lines.")
    var lines = 100

    func run(_ context: CommandContext) throws {
        guard (0...Self.mostLines).contains(lines) else {
            throw Failure("-n takes a number from 0 to \(Self.mostLines).")
        }
        let (app, words) = try target(context)
        let apps = SupervisedApps(server: try ServerControl(context).client())
        let all = try apps.processes(of: app).map(\.name)
        let chosen = words?.map { AppSelection.process($0, among: all) ?? $0 }
        if let unknown = chosen?.first(where: { !all.contains($0) }) {
            throw Failure(
                "\(app) has no process called \"\(unknown)\".",
                remedy: "It has: \(all.joined(separator: ", ")).",
            )
        }
        let printer = LogPrinter(context.console, processes: chosen ?? all)
        // The API knows one process, or all of them.
        guard let chosen, chosen.count > 1 else {
            let process = chosen?.first
            if follow {
                let follower = LogFollower(context: context, app: app, process: process)
                try follower.run(last: lines, printer)
            }
            for line in try apps.lines(of: app, process, last: lines) { printer.print(line) }
            return
        }
        let last = try chosen.flatMap { try apps.lines(of: app, $0, last: lines) }
            .sorted { $0.cursor < $1.cursor }.suffix(lines)
        for line in last { printer.print(line) }
        guard follow else { return }
        let follower = LogFollower(context: context, app: app, process: nil)
        try follower.run(last: 0, after: last.last?.cursor, printer.only(chosen))
    }

    private func target(_ context: CommandContext) throws -> (app: String, processes: [String]?) {
        guard let first = try AppSelection(Array(names.prefix(1)), context).choices.first else {
            return ("", nil)
        }
        guard names.count > 1 else { return (first.app, first.processes) }
        // Of another app nobody here knows what processes it has.
        if first.processes == nil { return (first.app, Array(names.dropFirst())) }
        let choices = try AppSelection(names, context).choices
        guard choices.count == 1 else {
            throw Failure(
                "These are of several apps: \(names.joined(separator: ", ")).",
                remedy: "Ask for one after the other: portless logs \(names[0])",
            )
        }
        return (first.app, choices[0].processes)
    }
}
