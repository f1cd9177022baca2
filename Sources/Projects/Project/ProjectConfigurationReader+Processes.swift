import PortlessCore

/// `"processes": {"web": "node server.js", "worker": {"command": ["node", "w.js"], "depends_on":
/// ["web"]}}`; the keys of PM2's files mean the same here.
extension ProjectConfigurationReader {
    private static let processKeys: Set = [
        "command", "cwd", "env", "autorestart", "max_restarts", "min_uptime", "restart_delay",
        "exp_backoff_restart_delay", "kill_timeout", "max_memory_restart", "instances",
        "depends_on", "ports",
    ]

    func processes(
        _ object: JSONObject
    ) throws(ProjectConfigurationError) -> (processes: [ConfiguredProcess], unknown: [String]) {
        guard let value = object["processes"] else { return ([], []) }
        guard let entries = value.object else {
            throw .wrongType(file, key: "processes", expected: "an object of processes by name")
        }
        var processes: [ConfiguredProcess] = []
        var unknown: [String] = []
        for (name, entry) in entries.members {
            let key = "processes.\(name)"
            guard ProcessName.isValid(name) else {
                throw .wrongType(file, key: key, expected: "called by letters, digits and hyphens")
            }
            var process = ConfiguredProcess(name: name)
            if let text = entry.string, !text.trimmingBlanks.isEmpty {
                process.command = CommandText.words(text)
            } else if let fields = entry.object {
                try read(fields, key, into: &process)
                unknown += fields.keys.filter { !Self.processKeys.contains($0) }
                    .map { "\(key).\($0)" }
            } else {
                throw .wrongType(file, key: key, expected: "a command, or an object with one")
            }
            processes.append(process)
        }
        return (processes, unknown)
    }

    private func read(
        _ fields: JSONObject,
        _ key: String,
        into process: inout ConfiguredProcess,
    ) throws(ProjectConfigurationError) {
        if let command = fields["command"] {
            if let text = command.string, !text.trimmingBlanks.isEmpty {
                process.command = CommandText.words(text)
            } else if let words = texts(command), !words.isEmpty {
                process.command = words
            } else {
                throw wrong(key, "command", "a command line, or a list of its words")
            }
        }
        if let cwd = fields["cwd"] {
            guard let text = cwd.string else { throw wrong(key, "cwd", "a string") }
            process.directory = text
        }
        if let environment = fields["env"] {
            guard let members = environment.object?.members else {
                throw wrong(key, "env", "an object of strings")
            }
            for (name, value) in members {
                guard let text = Self.text(value) else {
                    throw wrong(key, "env.\(name)", "a string")
                }
                process.environment[name] = text
            }
        }
        if let value = fields["depends_on"] {
            guard let names = texts(value) ?? value.string.map({ [$0] }) else {
                throw wrong(key, "depends_on", "a list of processes")
            }
            process.dependencies = names
        }
        if let value = fields["ports"] {
            guard let labels = texts(value), labels.allSatisfy({ Label($0) != nil }) else {
                throw wrong(key, "ports", "a list of labels, such as [\"api\"]")
            }
            process.labels = labels
        }
        try readRestarts(fields, key, into: &process)
    }

    private func readRestarts(
        _ fields: JSONObject,
        _ key: String,
        into process: inout ConfiguredProcess,
    ) throws(ProjectConfigurationError) {
        if let value = fields["autorestart"] {
            guard let bool = value.bool else { throw wrong(key, "autorestart", "true or false") }
            process.isAutomatic = bool
        }
        process.restartLimit = try integer(fields, "max_restarts", key)
        process.instances = try integer(fields, "instances", key)
        if let count = process.instances, !(1...256).contains(count) {
            throw wrong(key, "instances", "a whole number from 1 to 256")
        }
        process.minimumUptime = try duration(fields, "min_uptime", key)
        process.restartDelay = try duration(fields, "restart_delay", key)
        process.backoff = try duration(fields, "exp_backoff_restart_delay", key)
        process.killTimeout = try duration(fields, "kill_timeout", key)
        if let value = fields["max_memory_restart"] {
            guard let bytes = Self.text(value).flatMap(PM2Units.bytes) else {
                throw wrong(key, "max_memory_restart", "bytes, or a size such as \"300M\"")
            }
            process.memoryLimit = bytes
        }
    }

    private func integer(
        _ fields: JSONObject,
        _ name: String,
        _ key: String,
    ) throws(ProjectConfigurationError) -> Int? {
        guard let value = fields[name] else { return nil }
        guard let number = value.integer, number >= 0 else {
            throw wrong(key, name, "a whole number")
        }
        return number
    }

    private func duration(
        _ fields: JSONObject,
        _ name: String,
        _ key: String,
    ) throws(ProjectConfigurationError) -> Duration? {
        guard let value = fields[name] else { return nil }
        guard let duration = Self.text(value).flatMap(PM2Units.duration) else {
            throw wrong(key, name, "milliseconds, or a time such as \"10s\"")
        }
        return duration
    }

    private func texts(_ value: JSONValue) -> [String]? {
        guard let values = value.array else { return nil }
        let texts = values.compactMap(\.string)
        return texts.count == values.count ? texts : nil
    }

    /// The text of a string, a number or a truth value.
    private static func text(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text): text
        case .number(let digits): digits
        case .bool(let bool): String(bool)
        case .null, .array, .object: nil
        }
    }

    private func wrong(
        _ key: String,
        _ name: String,
        _ expected: String,
    ) -> ProjectConfigurationError {
        .wrongType(file, key: "\(key).\(name)", expected: expected)
    }
}
