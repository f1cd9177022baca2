import ArgumentParser
import HostSystem
import PortlessCore

/// `portless crashes`: what crashed in the background, and why.
struct CrashesCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "crashes",
        abstract: "Show what crashed in the background, and why.",
        discussion: """
            Crashes are recorded while the watcher is on: portless crashes on. A record has the last \
            lines, the ports and who held them, the names of the variables, and what changed in the \
            repository since the process last ran well.
            """,
        subcommands: [
            CrashesListCommand.self, CrashesShowCommand.self, CrashesRestartCommand.self,
            CrashesOnCommand.self, CrashesOffCommand.self, CrashesClearCommand.self,
            CrashesPatchCommand.self, CrashesApplyCommand.self, CrashesDiscardCommand.self,
            CrashesAutofixCommand.self,
        ],
    )

    @Flag(help: "Print the crashes as JSON.")
    var json = false

    func run(_ context: CommandContext) throws {
        try CrashList.show(context, asJSON: json)
    }
}

/// `portless crashes list`: the recorded crashes, newest first.
struct CrashesListCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the recorded crashes, newest first.",
    )

    @Flag(help: "Print the crashes as JSON.")
    var json = false

    func run(_ context: CommandContext) throws {
        try CrashList.show(context, asJSON: json)
    }
}

/// The recorded crashes as a table or as JSON.
private enum CrashList {
    /// The files tell all of it, without a server.
    static func show(_ context: CommandContext, asJSON json: Bool) throws {
        let store = CrashStore(directory: try context.stateDirectory())
        let isOn = try store.settings().isOn
        let records = store.records()
        if json {
            let object: JSONObject = [
                "crashes": .array(records.map(\.entry)), "watching": .bool(isOn),
            ]
            return context.console.print(JSONValue.object(object).formatted)
        }
        if records.isEmpty {
            context.console.print("No crash is recorded.")
        } else {
            context.console.print(table(records))
        }
        if !isOn {
            context.console.say("The watcher is off: portless crashes on records crashes.")
        }
    }

    private static func table(_ records: [CrashRecord]) -> String {
        TextTable(
            header: ["ID", "TIME", "APP", "PROCESS", "END", "CAUSE"],
            rows: records.map { record in
                [
                    record.id, record.time.text, record.app.description, record.process,
                    record.sentence, record.diagnosis.sentence,
                ]
            },
        ).text
    }
}

/// `portless crashes show`: one crash with all that is recorded.
struct CrashesShowCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one crash with its last lines, ports and repository.",
    )

    @Flag(help: "Print the crash as JSON.")
    var json = false

    @Argument(help: "Its id, or how that begins or ends; without one, the newest crash.")
    var id: String?

    func run(_ context: CommandContext) throws {
        let record = try KnownCrash.find(id, in: try context.stateDirectory())
        if json { return context.console.print(record.json.formatted) }
        for line in Self.lines(of: record) { context.console.print(line) }
    }

    static func lines(of record: CrashRecord) -> [String] {
        let diagnosis = record.diagnosis
        var lines = [
            "\(record.app) \(record.process) \(record.sentence)  (\(record.time.text))",
            "id       \(record.id)",
            "command  \(record.command.map(ShellWords.quotedIfNeeded).joined(separator: " "))",
            "folder   \(record.directory)", "",
            "\(diagnosis.sentence)\(diagnosis.isCertain ? "" : "  (not certain)")",
        ]
        lines += [diagnosis.remedy, diagnosis.command.map { "  \($0)" }].compactMap(\.self)
        if let problem = record.problem { lines.append(problem) }
        if let patch = record.patch { lines += ["", "patch: \(patch.state). \(patch.sentence)"] }
        if !record.ports.isEmpty { lines.append("") }
        lines += record.ports.map { state in
            let label = state.label.map { "\($0):" } ?? ""
            return "port \(label)\(state.port)  \(state.holder.map { "held by \($0)" } ?? "free")"
        }
        if let git = record.repository {
            lines += ["", "commit \(git.head.prefix(12))\(git.branch.map { " on \($0)" } ?? "")"]
            if let head = git.goodHead, let time = git.goodTime {
                lines.append("ran well at \(head.prefix(12)), \(time.text)")
            }
            lines += git.changed.map { "changed  \($0)" }
            if git.more > 0 { lines.append("and \(git.more) more") }
        }
        for (title, part) in [("output", record.output), ("errors", record.errors)]
        where !part.isEmpty {
            lines += ["", "\(title):"] + part.map { "  \($0.text)" }
        }
        lines += ["", "variables: \(record.environment.joined(separator: " "))"]
        return lines
    }
}

/// Finds the crash that a command's argument means.
enum KnownCrash {
    static func find(_ word: String?, in directory: StateDirectory) throws -> CrashRecord {
        let store = CrashStore(directory: directory)
        let ids = store.ids()
        guard let word else {
            guard let record = ids.lazy.compactMap(store.record).first else {
                throw Failure(
                    "No crash is recorded.",
                    remedy: "Turn the watcher on: portless crashes on",
                )
            }
            return record
        }
        let found =
            ids.contains(word)
            ? [word] : ids.filter { $0.hasPrefix(word) || $0.hasSuffix(word) }
        guard found.count <= 1 else {
            throw Failure(
                "\"\(word)\" means \(found.count) crashes.",
                remedy: "Give more of the id: portless crashes",
            )
        }
        guard let record = found.first.flatMap(store.record) else {
            throw Failure("There is no crash \"\(word)\".", remedy: "List them: portless crashes")
        }
        return record
    }
}
