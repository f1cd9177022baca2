import PortlessCore

/// What processes of a PM2 file ask for and don't get.
struct PM2Ignored {
    /// PM2's keys that do something there and nothing here; what only PM2's own monitoring reads is
    /// left out, as is what `watch` would need.
    private static let keys = [
        "cron_restart", "cron", "watch", "wait_ready", "listen_timeout", "shutdown_with_message",
        "log_file", "log", "log_type", "log_date_format", "time", "disable_logs", "pid_file", "pid",
        "source_map_support", "filter_env", "append_env_to_name", "name_prefix", "namespace",
    ]
    /// Values that ask for nothing.
    private static let idle: Set = ["/dev/null", "NULL", "default"]
    /// Those that say what they don't want.
    private static let negated = ["treekill"]

    private var entries: [(key: String, process: String)] = []

    mutating func add(_ key: String, of process: String) {
        entries.append((key, process))
    }

    mutating func note(_ app: PM2App, of process: DeclaredProcess) {
        for key in Self.keys where app.isOn(key) {
            if let text = try? app.text(key), Self.idle.contains(text) { continue }
            add(key, of: process.name)
        }
        for key in Self.negated where app.isOff(key) { add("\(key): false", of: process.name) }
        // All instances write to the same file, which is what PM2 has to be asked for.
        let hasFile = process.outputFile != nil || process.errorFile != nil
        for key in ["merge_logs", "combine_logs"]
        where app.isOff(key) && hasFile && process.instances > 1 {
            add("\(key): false", of: process.name)
        }
    }

    /// One line for all of it.
    var notes: [String] {
        guard !entries.isEmpty else { return [] }
        var keys: [String] = []
        for entry in entries where !keys.contains(entry.key) { keys.append(entry.key) }
        let parts = keys.map { key in
            let names = entries.filter { $0.key == key }.map(\.process)
            return "\(key) (\(names.joined(separator: ", ")))"
        }
        return ["Not supported, and so without effect: \(parts.joined(separator: ", "))."]
    }
}
