import ArgumentParser
import HostSystem
import PortlessCore
import Runner

/// `portless logs`: what processes in the background have written.
struct LogsCommand: ContextCommand, NamesApps {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Show what processes in the background have written.",
    )

    /// Without -n and --since.
    private static let usualCount = 100

    @Argument(help: "Processes of the project here, or an app, or an app and its processes.")
    var names: [String] = []

    @Flag(name: [.short, .long], help: "Go on with each new line.")
    var follow = false

    // As texts: a wrong one is a slip in this command, and no call of an app of its name.
    @Option(
        name: [.customShort("n"), .customLong("lines")],
        parsing: .unconditional,
        help: "How many of the last lines that the processes wrote.",
    )
    var count: String?

    @Option(
        parsing: .unconditional,
        help: "Only lines since then: 10m, 1h30m, 14:05, 2026-11-28, 2026-11-28T14:05:00Z.",
    )
    var since: String?

    @Flag(help: "Print each line as a JSON object.")
    var json = false

    func run(_ context: CommandContext) throws {
        let count = try count.map(Self.count)
        let start = try since.map(LogStart.init(parsing:))
        let (app, words) = try target(context)
        let directory = try context.stateDirectory()
        let stored = StoredApps.list(in: directory).first { $0.name.description == app }
        guard let stored else { throw Failure.neverUp(app) }
        if let problem = stored.problem { throw Failure(problem) }
        let all = stored.processes.map(\.name)
        let chosen = try words.map { try find($0, among: all, of: app) } ?? all
        let printer = LogPrinter(context.console, processes: chosen, isJSON: json)
        let excerpt = LogExcerpt(
            of: KeeperFolder(of: stored.name, in: directory).logFiles(of: chosen),
            last: count ?? (start == nil ? Self.usualCount : .max),
            since: start?.time(now: .now),
            isBounded: false,
        )
        let now = Timestamp.now.microseconds
        var seen: [String: Int64] = [:]
        for line in excerpt {
            printer.print(line)
            seen[line.process] = line.cursor
        }
        guard follow else { return }
        try LogFollower(
            context,
            app: app,
            processes: chosen,
            printer: printer,
            seen: seen.values.max() ?? now,
            ofEach: seen,
        ).run()
    }

    /// Any number; one that is too large for a computer means all lines.
    private static func count(_ text: String) throws -> Int {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw Failure("-n takes a number of lines from 0 on, and not \"\(text)\".")
        }
        return Int(text) ?? .max
    }

    private func find(_ words: [String], among all: [String], of app: String) throws -> [String] {
        try words.map { word in
            if let name = AppSelection.process(word, among: all) { return name }
            throw Failure(
                "\(app) has no process called \"\(word)\".",
                remedy: "It has: \(all.joined(separator: ", ")).",
            )
        }
    }

    private func target(_ context: CommandContext) throws -> (app: String, processes: [String]?) {
        let selection = try AppSelection(Array(names.prefix(1)), context, for: "logs")
        guard let first = selection.choices.first else { return ("", nil) }
        guard names.count > 1 else { return (first.app, first.processes) }
        // Which processes another app has is unknown here.
        if first.processes == nil { return (first.app, Array(names.dropFirst())) }
        let choices = try AppSelection(names, context, for: "logs").choices
        guard choices.count == 1 else {
            throw Failure(
                "These are of several apps: \(names.joined(separator: ", ")).",
                remedy: "Ask for one after the other: portless logs \(names[0])",
            )
        }
        return (first.app, choices[0].processes)
    }
}

/// From when on lines are shown: so long ago, or at a time.
enum LogStart: Equatable {
    case ago(Duration)
    case at(Timestamp)

    init(parsing text: String) throws {
        if let ago = DurationText.duration(text) {
            self = .ago(ago)
        } else if let time = Timestamp(reading: text, now: .now) {
            self = .at(time)
        } else {
            throw Failure(
                "--since takes a span or a time, and not \"\(text)\".",
                remedy: "Such as 10m, 1h30m, 14:05, 2026-11-28 or 2026-11-28T14:05:00Z.",
            )
        }
    }

    func time(now: Timestamp) -> Timestamp {
        switch self {
        case .ago(let duration):
            Timestamp(seconds: now.seconds.saturatingSubtract(duration.components.seconds))
        case .at(let time): time
        }
    }
}
