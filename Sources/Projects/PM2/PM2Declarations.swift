import HostSystem
import PortlessCore
import SystemPackage

/// Reads the processes of a PM2 file for `portless up`.
///
/// Nothing is executed: a value that is known only by running the file is an error that names the
/// location.
struct PM2Declarations {
    private static let maximumProcesses = 1000

    private let file: PM2File
    private let root: FilePath
    private let choice: ProjectReading.Choice
    private var processes: [DeclaredProcess] = []
    private var environments: [String] = []
    private var ignored = PM2Ignored()

    /// The processes of the project's own PM2 file; nil where it has none.
    static func read(
        root: FilePath,
        of reader: ProjectReader,
        _ choice: ProjectReading.Choice,
    ) throws(DeclarationError) -> DeclaredProcesses? {
        for name in PM2File.found(in: "", of: reader) {
            let file: PM2File
            do throws(SourceError) {
                file = try PM2File(name, of: reader)
            } catch {
                throw .unreadable(error)
            }
            var declarations = PM2Declarations(file: file, root: root, choice: choice)
            try declarations.read()
            guard !declarations.processes.isEmpty else { continue }
            return DeclaredProcesses(
                processes: declarations.processes,
                notes: declarations.ignored.notes,
                environments: declarations.environments,
            )
        }
        return nil
    }

    private init(file: PM2File, root: FilePath, choice: ProjectReading.Choice) {
        self.file = file
        self.root = root
        self.choice = choice
    }

    private mutating func read() throws(DeclarationError) {
        if let problem = file.problems.first { throw .unresolved(problem, what: file.file) }
        if let gap = file.gaps.first { throw .unresolved(gap.problem, what: gap.what) }
        for app in file.apps where app.object["script"] != nil || app.object["name"] != nil {
            if let gap = app.object.gaps.first { throw .unresolved(gap, what: "A process") }
            guard processes.count < Self.maximumProcesses else {
                throw .wrong(Unresolved(app.origin, "these are too many processes"))
            }
            processes.append(try process(app))
        }
    }

    private mutating func process(_ app: PM2App) throws(DeclarationError) -> DeclaredProcess {
        let script = try app.required("script")
        let given = try app.text("name") ?? app.name?.text ?? script
        guard let name = ProcessName.made(of: given) else { throw .invalidName(given) }
        let directory = folder(try app.text("cwd"))
        var process = DeclaredProcess(name: name, command: [], directory: directory)
        process.declaredName = given
        process.origin = app.place(of: "name")
        let command = PM2Command(app, directory: directory)
        process.command = try command.words()
        if let missing = try command.missingScript() {
            process.obstacle = .missingScript(missing, of: given, at: app.place(of: "script"))
        }
        process.restart = try restart(app)
        process.killTimeout = try app.duration("kill_timeout") ?? .milliseconds(1600)
        process.memoryLimit = try app.bytes("max_memory_restart")
        process.outputFile = try app.text("out_file", "output", "out", "out_log")
            .flatMap { output($0, directory) }
        process.errorFile = try app.text("error_file", "error", "err", "err_file", "err_log")
            .flatMap { output($0, directory) }
        process.environment = try app.variables(environment: choice.environmentName)
        process.instances = try instances(app, name)
        process.instanceVariable = try app.text("increment_var")
        process.numberVariable = try app.text("instance_var")
        for environment in app.environments where !environments.contains(environment) {
            environments.append(environment)
        }
        ignored.note(app, of: process)
        try checkUser(app, &process)
        return process
    }

    private func restart(_ app: PM2App) throws(DeclarationError) -> RestartSettings {
        var settings = RestartSettings()
        settings.isAutomatic = try app.bool("autorestart") ?? true
        settings.limit = try app.integer("max_restarts") ?? settings.limit
        settings.minimumUptime = try app.duration("min_uptime") ?? settings.minimumUptime
        settings.delay = try app.duration("restart_delay") ?? .zero
        settings.backoff = try app.duration("exp_backoff_restart_delay")
        if settings.backoff == .zero { settings.backoff = nil }
        settings.finalCodes = Set(
            try app.integers("stop_exit_codes").map { Int32(clamping: $0) }
        )
        return settings
    }

    private mutating func instances(
        _ app: PM2App,
        _ name: String,
    ) throws(DeclarationError) -> Int {
        let mode = try app.text("exec_mode") ?? "fork"
        if mode.hasPrefix("cluster") { ignored.add("exec_mode cluster", of: name) }
        guard let text = try app.text("instances") else { return 1 }
        guard let count = Int(text), count > 0 else {
            ignored.add("instances \(text)", of: name)
            return 1
        }
        return min(count, 256)
    }

    /// Running a process as root instead of its user would be worse than not running it.
    private mutating func checkUser(
        _ app: PM2App,
        _ process: inout DeclaredProcess,
    ) throws(DeclarationError) {
        for (key, own) in [
            ("uid", choice.user?.uid), ("user", choice.user?.uid), ("gid", choice.user?.gid),
        ] {
            guard let asked = try app.text(key), !asked.isEmpty, let user = choice.user,
                asked != user.name, asked != own.map({ String($0) })
            else { continue }
            ignored.add("\(key) \(asked)", of: process.name)
            guard user.uid == 0 else { continue }
            let place = app.place(of: key)
            process.obstacle = .otherUser(asked, key: key, of: process.name, at: place)
        }
    }

    // MARK: Paths

    private func folder(_ cwd: String?) -> FilePath {
        let base = root.pushing(FilePath(ProjectPath.directory(of: file.file)))
        return cwd.map { base.pushing(expanded($0)).lexicallyNormalized() } ?? base
    }

    /// A file for a process's output, relative to the process's folder as in PM2; nil for none.
    private func output(_ path: String, _ directory: FilePath) -> FilePath? {
        guard !["NULL", "/dev/null"].contains(path) else { return nil }
        return directory.pushing(expanded(path)).lexicallyNormalized()
    }

    private func expanded(_ path: String) -> FilePath {
        guard let home = choice.environment["HOME"], path == "~" || path.hasPrefix("~/") else {
            return FilePath(path)
        }
        return FilePath(home + path.dropFirst())
    }
}

/// Settings of a PM2 file without an effect here.
private struct PM2Ignored {
    /// PM2's keys that have an effect there and none here, without those for PM2's own monitoring
    /// and the details of `watch`.
    private static let keys = [
        "cron_restart", "cron", "watch", "wait_ready", "listen_timeout", "shutdown_with_message",
        "log_file", "log", "log_type", "log_date_format", "time", "disable_logs", "pid_file", "pid",
        "source_map_support", "filter_env", "append_env_to_name", "name_prefix", "namespace",
    ]
    /// Values without an effect.
    private static let idle: Set = ["/dev/null", "NULL", "default"]
    /// Keys that matter when they are false.
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
        // Here all instances write to the same file, which in PM2 needs this key.
        let hasFile = process.outputFile != nil || process.errorFile != nil
        for key in ["merge_logs", "combine_logs"]
        where app.isOff(key) && hasFile && process.instances > 1 {
            add("\(key): false", of: process.name)
        }
    }

    /// One sentence for all keys.
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
