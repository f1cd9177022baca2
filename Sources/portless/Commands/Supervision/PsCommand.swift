import ArgumentParser
import HostSystem
import PortlessCore
import Runner

/// `portless ps`: what runs in the background, and how.
struct PsCommand: ContextCommand, NamesApps {
    static let configuration = CommandConfiguration(
        commandName: "ps",
        abstract: "Show what runs in the background.",
    )

    @Argument(help: "Apps; without any, all of them.")
    var names: [String] = []

    @Flag(help: "Print the apps as JSON.")
    var json = false

    func run(_ context: CommandContext) throws {
        // Where nothing was ever brought up, a server has nothing to tell.
        guard !StoredApps.list(in: try context.stateDirectory()).isEmpty else {
            context.console.print(json ? "[]" : "Nothing was brought up yet: portless up")
            return
        }
        let apps = SupervisedApps(server: try ServerControl(context).client())
        let all = try apps.all()
        for name in names where !all.contains(where: { $0.name == name.lowercased() }) {
            throw Failure(
                "\(name) was never brought up.",
                remedy: "There are: \(all.map(\.name).joined(separator: ", ")).",
            )
        }
        let chosen = all.filter { app in
            names.isEmpty || names.contains { $0.lowercased() == app.name }
        }
        if json {
            let list = chosen.map { app in
                var object: JSONObject = [
                    "name": .string(app.name),
                    "processes": .array(app.processes.map(\.json)),
                ]
                object["problem"] = app.problem.map { .string($0) }
                return JSONValue.object(object)
            }
            return context.console.print(JSONValue.array(list).formatted)
        }
        let rows = chosen.flatMap { app in
            app.processes.map { ProcessTable.Row(app: app.name, process: $0) }
        }
        context.console.print(ProcessTable.text(rows, now: Timestamp.now.milliseconds))
        for app in chosen {
            if let problem = app.problem { context.console.warn("\(app.name): \(problem)") }
            for process in app.processes {
                guard let reason = process.reason else { continue }
                context.console.say("\(app.name) \(process.name): \(reason)")
            }
        }
    }
}

/// Processes in the background as a table.
enum ProcessTable {
    struct Row {
        var app: String
        var process: SupervisedProcess
    }

    static func text(_ rows: [Row], now: Int64) -> String {
        TextTable(
            header: ["APP", "PROCESS", "STATE", "PID", "UPTIME", "RESTARTS", "CPU", "MEM", "URL"],
            rows: rows.map { row in
                let process = row.process
                return [
                    row.app, process.name, process.stateTitle,
                    process.pid.map { String($0) } ?? "-",
                    process.startedAt.map { span(now.saturatingSubtract($0) / 1000) } ?? "-",
                    String(process.restarts),
                    process.cpu.map { "\($0)%" } ?? "-",
                    process.memory.map(size) ?? "-",
                    process.urls.first ?? process.primaryPort.map { ":\($0)" } ?? "",
                ]
            },
        ).text
    }

    /// `42s`, `5m`, `3h`, `2d`.
    static func span(_ seconds: Int64) -> String {
        switch max(seconds, 0) {
        case ..<60: "\(max(seconds, 0))s"
        case ..<3600: "\(seconds / 60)m"
        case ..<86_400: "\(seconds / 3600)h"
        default: "\(seconds / 86_400)d"
        }
    }

    /// `52M`, `1.5G`.
    static func size(_ bytes: Int64) -> String {
        guard bytes >= 1 << 30 else { return "\(bytes >> 20)M" }
        let tenths = bytes / ((1 << 30) / 10)
        return "\(tenths / 10).\(tenths % 10)G"
    }
}
