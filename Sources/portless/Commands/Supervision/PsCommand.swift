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
        let stored = StoredApps.list(in: try context.stateDirectory())
        guard !stored.isEmpty else {
            context.console.print(json ? "[]" : "Nothing was brought up yet: portless up")
            return
        }
        let apps = SupervisedApps(server: try ServerControl(context).client())
        let all: [SupervisedApp]
        do {
            all = try apps.all()
        } catch let failure as Failure {
            // The keepers' files tell all but CPU and memory.
            context.console.warn(failure.description)
            all = stored
        }
        let known = all.map(\.name.description)
        for name in names where !known.contains(name.lowercased()) {
            throw Failure(
                "\(name) was never brought up.",
                remedy: "There are: \(known.joined(separator: ", ")).",
            )
        }
        let wanted = Set(names.map { $0.lowercased() })
        let chosen = all.filter { wanted.isEmpty || wanted.contains($0.name.description) }
        if json {
            return context.console.print(JSONValue.array(chosen.map(\.json)).formatted)
        }
        let rows = chosen.flatMap { app in
            app.processes.map { process in
                ProcessTable.Row(
                    app: app.name.description,
                    process: process,
                    startsOnRequest: app.onRequest != nil,
                )
            }
        }
        context.console.print(ProcessTable.text(rows, now: .now))
        try tellAddresses(of: chosen, context)
        for app in chosen {
            if let problem = app.problem { context.console.warn("\(app.name): \(problem)") }
            for process in app.processes {
                let health = process.health?.problem.map { "It \($0)." }
                for line in [process.reason, health].compactMap(\.self) {
                    context.console.say("\(app.name) \(process.name): \(line)")
                }
            }
        }
    }
}

extension PsCommand {
    /// Who else reaches the apps, with those that everyone reaches standing out.
    private func tellAddresses(of apps: [SupervisedApp], _ context: CommandContext) throws {
        let shared = try context.routes().list().filter { !$0.addresses.isEmpty }
        // Without a proxy, to describe the next one tries ports.
        guard !shared.isEmpty else { return }
        let proxy = try context.describeProxy()
        for app in apps {
            let urls = Set(app.processes.flatMap(\.urls))
            for entry in shared {
                guard let hostname = Hostname(entry.hostname),
                    urls.contains(proxy.url(for: hostname))
                else { continue }
                for address in entry.addresses {
                    let style = context.console.style
                    let reach = address.provider.reach
                    let words = "\(app.name) is \(reach.words): \(address.url)"
                    context.console.say(
                        styled: reach == .public ? style.red(words) : StyledText(words)
                    )
                }
            }
        }
    }
}

/// Processes in the background as a table.
enum ProcessTable {
    struct Row {
        var app: String
        var process: SupervisedProcess
        var startsOnRequest = false

        /// What rests starts with the next request.
        var state: String {
            let rests = process.state == .stopped || process.state == .notStarted
            return startsOnRequest && rests ? "on request" : process.stateTitle
        }
    }

    static func text(_ rows: [Row], now: Timestamp) -> String {
        // Most projects have no health check.
        let hasHealth = rows.contains { $0.process.health != nil }
        var header = [
            "APP", "PROCESS", "STATE", "PID", "UPTIME", "RESTARTS", "CPU", "MEM", "PORT", "URL",
        ]
        if hasHealth { header.insert("HEALTH", at: 3) }
        let lines = rows.map { row in
            var cells = cells(of: row, now)
            if hasHealth { cells.insert(health(of: row.process, now), at: 3) }
            return cells
        }
        return TextTable(header: header, rows: lines).text
    }

    private static func cells(of row: Row, _ now: Timestamp) -> [String] {
        let process = row.process
        let uptime = process.startedAt.map { age(of: $0, now) }
        return [
            row.app, process.name, row.state,
            process.pid.map { String($0) } ?? "-",
            uptime ?? "-",
            String(process.restarts),
            process.cpu.map { "\($0)%" } ?? "-",
            process.memory.map(size) ?? "-",
            process.primaryPort?.description ?? "-",
            process.urls.first ?? "",
        ]
    }

    /// `healthy 5m`.
    private static func health(of process: SupervisedProcess, _ now: Timestamp) -> String {
        guard let health = process.health else { return "-" }
        return "\(health.state.rawValue) \(age(of: health.since, now))"
    }

    private static func age(of time: Timestamp, _ now: Timestamp) -> String {
        span(time.duration(to: now).components.seconds)
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
