package import SystemPackage

/// Reads the processes of a PM2 file as something to be run.
///
/// Nothing is executed: a value that only running the file would tell is an error that names the
/// place. What PM2 itself would take from its environment is taken from `environment`.
package struct PM2Declarations {
    /// The file's path within the project.
    let file: String
    let root: FilePath
    /// The name of the `env_<name>` block to use, beside `env`.
    let environmentName: String?
    private var processes: [DeclaredProcess] = []
    private var ignored: [(key: String, process: String)] = []

    /// The processes of the project's own PM2 file; nil where it has none.
    package static func read(
        root: FilePath,
        files: ProjectFiles,
        environment: [String: String],
        environmentName: String? = nil,
    ) throws(DeclarationError) -> DeclaredProcesses? {
        let evaluator = JavaScriptEvaluator(
            root: root.string,
            home: environment["HOME"],
            read: files.read,
        )
        for name in PM2File.names where (try? files.read(name)) ?? nil != nil {
            for (variable, text) in environment where !["PORT", "HOST"].contains(variable) {
                let origin = SourceLocation(file: name, line: 1)
                evaluator.dotenv[variable] = JavaScriptValue(.string(text), at: origin)
            }
            var reader = PM2Declarations(file: name, root: root, environmentName: environmentName)
            try reader.read(PM2File.value(name, with: evaluator))
            guard !reader.processes.isEmpty else { continue }
            return DeclaredProcesses(processes: reader.processes, notes: reader.notes)
        }
        return nil
    }

    private init(file: String, root: FilePath, environmentName: String?) {
        self.file = file
        self.root = root
        self.environmentName = environmentName
    }

    private mutating func read(_ value: JavaScriptValue) throws(DeclarationError) {
        if let problem = value.problem { throw .unresolved(problem, what: file) }
        let apps: JavaScriptValue
        if let object = value.object, let list = object["apps"] {
            apps = list
        } else {
            apps = value
        }
        if let problem = apps.problem { throw .unresolved(problem, what: "\"apps\"") }
        for app in apps.array ?? [apps] {
            if let problem = app.problem { throw .unresolved(problem, what: "A process") }
            guard let object = app.object, object["script"] != nil || object["name"] != nil else {
                continue
            }
            if let gap = object.gaps.first { throw .unresolved(gap, what: "A process") }
            processes.append(try process(PM2Fields(object, at: app.origin)))
        }
    }

    private mutating func process(_ fields: PM2Fields) throws(DeclarationError) -> DeclaredProcess {
        let script = try fields.required("script")
        let base = ProjectPath.name(of: script).split(separator: ".").first.map { String($0) }
        let given = try fields.text("name") ?? base ?? script
        guard let name = ProcessName.made(of: given) else { throw .invalidName(given) }
        let directory = folder(try fields.text("cwd"))
        var process = DeclaredProcess(name: name, command: [], directory: directory)
        process.command = try PM2Command(fields, directory: directory).words()
        process.restart = try restart(fields)
        process.killTimeout = try fields.duration("kill_timeout") ?? .milliseconds(1600)
        process.memoryLimit = try fields.bytes("max_memory_restart")
        process.outputFile = try fields.text("out_file", "output", "out").map(file)
        process.errorFile = try fields.text("error_file", "error", "err_file").map(file)
        process.environment = try environment(fields)
        process.instances = try instances(fields, name)
        process.instanceVariable = try fields.text("increment_var")
        note(fields, name)
        return process
    }

    private func restart(_ fields: PM2Fields) throws(DeclarationError) -> RestartSettings {
        var settings = RestartSettings()
        settings.isAutomatic = try fields.bool("autorestart") ?? true
        settings.limit = try fields.integer("max_restarts") ?? settings.limit
        settings.minimumUptime = try fields.duration("min_uptime") ?? settings.minimumUptime
        settings.delay = try fields.duration("restart_delay") ?? .zero
        settings.backoff = try fields.duration("exp_backoff_restart_delay")
        if settings.backoff == .zero { settings.backoff = nil }
        settings.finalCodes = Set(
            try fields.integers("stop_exit_codes").map { Int32(clamping: $0) }
        )
        return settings
    }

    private func environment(_ fields: PM2Fields) throws(DeclarationError) -> [String: String] {
        var result = try fields.variables("env")
        if let environmentName {
            result.merge(try fields.variables("env_\(environmentName)")) { $1 }
        }
        return result
    }

    private mutating func instances(
        _ fields: PM2Fields,
        _ name: String,
    ) throws(DeclarationError) -> Int {
        let mode = try fields.text("exec_mode") ?? "fork"
        if mode.hasPrefix("cluster") { ignored.append(("exec_mode cluster", name)) }
        guard let text = try fields.text("instances") else { return 1 }
        guard let count = Int(text), count > 0 else {
            ignored.append(("instances \(text)", name))
            return 1
        }
        return min(count, 256)
    }

    private mutating func note(_ fields: PM2Fields, _ name: String) {
        for key in ["cron_restart", "cron", "watch", "wait_ready"] where fields.isOn(key) {
            ignored.append((key, name))
        }
    }

    /// One line for all that PM2 would do and Portless doesn't.
    private var notes: [String] {
        guard !ignored.isEmpty else { return [] }
        var keys: [String] = []
        for entry in ignored where !keys.contains(entry.key) { keys.append(entry.key) }
        let parts = keys.map { key in
            let names = ignored.filter { $0.key == key }.map(\.process)
            return "\(key) (\(names.joined(separator: ", ")))"
        }
        return ["Not supported, and so without effect: \(parts.joined(separator: ", "))."]
    }

    // MARK: Paths

    private func folder(_ cwd: String?) -> FilePath {
        let base = root.pushing(FilePath(ProjectPath.directory(of: file)))
        return cwd.map { base.pushing(FilePath($0)).lexicallyNormalized() } ?? base
    }

    private func file(_ path: String) -> FilePath {
        folder(nil).pushing(FilePath(path)).lexicallyNormalized()
    }
}
