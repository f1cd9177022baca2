import HostSystem
import PortlessCore

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
                    row.app, process.name, process.state.title,
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
