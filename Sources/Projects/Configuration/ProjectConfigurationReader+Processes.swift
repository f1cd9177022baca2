import PortlessCore

/// `"processes": {"web": "node server.js", "worker": {"command": ["node", "w.js"], "depends_on":
/// ["web"]}}`; the keys of PM2's files mean the same here.
extension ProjectConfigurationReader {
    static let processKeys: Set = [
        "command", "cwd", "env", "autorestart", "max_restarts", "min_uptime", "restart_delay",
        "exp_backoff_restart_delay", "kill_timeout", "max_memory_restart", "instances",
        "depends_on", "ports", "health",
    ]

    mutating func processes(
        _ object: ConfigurationObject
    ) -> (processes: [ConfiguredProcess], unknown: [String]) {
        guard let value = object["processes"] else { return ([], []) }
        guard let entries = value.object else {
            note(value, at: "processes", expected: "an object of processes by name")
            return ([], [])
        }
        var processes: [ConfiguredProcess] = []
        var unknown: [String] = []
        for entry in entries.properties {
            let (name, value) = (entry.name, entry.value)
            let key = "processes.\(name)"
            guard ProcessName.isValid(name) else {
                note(value, at: key, expected: "called by letters, digits and hyphens")
                continue
            }
            var process = ConfiguredProcess(name: name)
            if let text = value.string, !text.trimmingBlanks.isEmpty {
                process.command = CommandText.words(text)
            } else if let fields = value.object {
                read(fields, key, into: &process)
                unknown += fields.properties.map(\.name)
                    .filter { !Self.processKeys.contains($0) }.map { "\(key).\($0)" }
            } else {
                note(value, at: key, expected: "a command, or an object with one")
                continue
            }
            processes.append(process)
        }
        return (processes, unknown)
    }

    private mutating func read(
        _ fields: ConfigurationObject,
        _ key: String,
        into process: inout ConfiguredProcess,
    ) {
        if let command = fields["command"] {
            if let text = command.string, !text.trimmingBlanks.isEmpty {
                process.command = CommandText.words(text)
            } else if let words = texts(command), !words.isEmpty {
                process.command = words
            } else {
                note(
                    command,
                    at: "\(key).command",
                    expected: "a command line, or a list of its words",
                )
            }
        }
        if let cwd = fields["cwd"] {
            process.directory = cwd.string
            if cwd.string == nil { note(cwd, at: "\(key).cwd", expected: "a string") }
        }
        if let environment = fields["env"] {
            readEnvironment(environment, key, into: &process)
        }
        if let value = fields["depends_on"] {
            process.dependencies = texts(value) ?? value.string.map { [$0] }
            if process.dependencies == nil {
                note(value, at: "\(key).depends_on", expected: "a list of processes")
            }
        }
        if let value = fields["ports"] {
            let labels = texts(value)?.filter { Label($0) != nil }
            process.labels = labels
            if labels == nil || labels?.count != value.array?.count {
                note(value, at: "\(key).ports", expected: "a list of labels, such as [\"api\"]")
            }
        }
        process.health = health(of: fields, at: "\(key).")
        readRestarts(fields, key, into: &process)
    }

    private mutating func readEnvironment(
        _ value: ConfigurationValue,
        _ key: String,
        into process: inout ConfiguredProcess,
    ) {
        guard let properties = value.object?.properties else {
            return note(value, at: "\(key).env", expected: "an object of strings")
        }
        for property in properties {
            let place = "\(key).env.\(property.name)"
            guard let variable = variable(property.name, property.value, key: place) else {
                continue
            }
            if variable.name != "PORT" { process.templates.append(variable) }
            guard let text = variable.template.plain else {
                if variable.name == "PORT" {
                    note(
                        property.value,
                        at: place,
                        problem: "it takes a number; \"ports\" gives the process a label's port",
                    )
                }
                continue
            }
            process.environment[variable.name] = text
            if variable.name == "PORT", let port = Port(text) {
                process.portSource = source(
                    property.value,
                    port,
                    label: "",
                    rule: "processes env PORT",
                )
            }
        }
    }

    private mutating func readRestarts(
        _ fields: ConfigurationObject,
        _ key: String,
        into process: inout ConfiguredProcess,
    ) {
        if let value = fields["autorestart"] {
            process.isAutomatic = value.boolean
            if value.boolean == nil {
                note(value, at: "\(key).autorestart", expected: "true or false")
            }
        }
        process.restartLimit = integer("max_restarts", of: fields, at: key)
        process.instances = integer("instances", of: fields, at: key)
        if let count = process.instances, !(1...256).contains(count),
            let value = fields["instances"]
        {
            note(value, at: "\(key).instances", expected: "a whole number from 1 to 256")
            process.instances = nil
        }
        process.minimumUptime = duration("min_uptime", of: fields, at: key)
        process.restartDelay = duration("restart_delay", of: fields, at: key)
        process.backoff = duration("exp_backoff_restart_delay", of: fields, at: key)
        process.killTimeout = duration("kill_timeout", of: fields, at: key)
        if let value = fields["max_memory_restart"] {
            process.memoryLimit = value.scalar.flatMap(PM2Units.bytes)
            if process.memoryLimit == nil {
                note(
                    value,
                    at: "\(key).max_memory_restart",
                    expected: "bytes, or a size such as \"300M\"",
                )
            }
        }
    }

    private mutating func integer(
        _ name: String,
        of fields: ConfigurationObject,
        at key: String,
    ) -> Int? {
        guard let value = fields[name] else { return nil }
        guard let number = value.integer, number >= 0 else {
            note(value, at: "\(key).\(name)", expected: "a whole number")
            return nil
        }
        return number
    }

    private mutating func duration(
        _ name: String,
        of fields: ConfigurationObject,
        at key: String,
    ) -> Duration? {
        guard let value = fields[name] else { return nil }
        let duration = value.scalar.flatMap(PM2Units.duration)
        if duration == nil {
            note(value, at: "\(key).\(name)", expected: "milliseconds, or a time such as \"10s\"")
        }
        return duration
    }

    private func texts(_ value: ConfigurationValue) -> [String]? {
        guard let values = value.array else { return nil }
        let texts = values.compactMap(\.string)
        return texts.count == values.count ? texts : nil
    }
}
