package import HostSystem
import PortlessCore
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
    private let home: String?
    /// Who the processes run as.
    private let user: User?
    private static let maximumProcesses = 1000
    private var processes: [DeclaredProcess] = []
    private var environments: [String] = []
    private var ignored = PM2Ignored()

    /// The processes of the project's own PM2 file; nil where it has none.
    package static func read(
        root: FilePath,
        files: ProjectFiles,
        environment: [String: String],
        environmentName: String? = nil,
        user: User? = nil,
    ) throws(DeclarationError) -> DeclaredProcesses? {
        let result = ReadingThread.perform {
            Result { () throws(DeclarationError) in
                try readHere(
                    root: root,
                    files: files,
                    environment: environment,
                    environmentName: environmentName,
                    user: user,
                )
            }
        }
        guard let result else { throw .noThread(root) }
        return try result.get()
    }

    private static func readHere(
        root: FilePath,
        files: ProjectFiles,
        environment: [String: String],
        environmentName: String?,
        user: User?,
    ) throws(DeclarationError) -> DeclaredProcesses? {
        let evaluator = JavaScriptEvaluator(
            root: root.string,
            home: environment["HOME"],
            read: files.read,
        )
        let configuration = ConfigurationFile(files: files, evaluator: evaluator)
        for name in PM2File.names where configuration.exists(name) {
            for (variable, text) in environment where !["PORT", "HOST"].contains(variable) {
                let origin = SourceLocation(file: name, line: 1)
                evaluator.dotenv[variable] = JavaScriptValue(.string(text), at: origin)
            }
            var reader = PM2Declarations(
                file: name,
                root: root,
                environmentName: environmentName,
                home: environment["HOME"],
                user: user,
            )
            try reader.read(PM2File.value(name, with: evaluator))
            guard !reader.processes.isEmpty else { continue }
            return DeclaredProcesses(
                processes: reader.processes,
                notes: reader.ignored.notes,
                environments: reader.environments,
            )
        }
        return nil
    }

    private init(
        file: String,
        root: FilePath,
        environmentName: String?,
        home: String?,
        user: User?,
    ) {
        self.file = file
        self.root = root
        self.environmentName = environmentName
        self.home = home
        self.user = user
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
            guard processes.count < Self.maximumProcesses else {
                throw .wrong(Unresolved(app.origin, "these are too many processes"))
            }
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
        process.declaredName = given
        process.origin = fields.place(of: "name")
        let command = PM2Command(fields, directory: directory)
        process.command = try command.words()
        if let missing = try command.missingScript() {
            process.obstacle = .missingScript(missing, of: given, at: fields.place(of: "script"))
        }
        process.restart = try restart(fields)
        process.killTimeout = try fields.duration("kill_timeout") ?? .milliseconds(1600)
        process.memoryLimit = try fields.bytes("max_memory_restart")
        process.outputFile = try fields.text("out_file", "output", "out", "out_log")
            .flatMap { output($0, directory) }
        process.errorFile = try fields.text("error_file", "error", "err", "err_file", "err_log")
            .flatMap { output($0, directory) }
        process.environment = try environment(fields)
        process.instances = try instances(fields, name)
        process.instanceVariable = try fields.text("increment_var")
        process.numberVariable = try fields.text("instance_var")
        for environment in fields.environments where !environments.contains(environment) {
            environments.append(environment)
        }
        ignored.note(fields, of: process)
        try checkUser(fields, &process)
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
        if let port = try fields.text("port") { result["PORT"] = port }
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
        if mode.hasPrefix("cluster") { ignored.add("exec_mode cluster", of: name) }
        guard let text = try fields.text("instances") else { return 1 }
        guard let count = Int(text), count > 0 else {
            ignored.add("instances \(text)", of: name)
            return 1
        }
        return min(count, 256)
    }

    /// Running as root in another's place would be worse than not running.
    private mutating func checkUser(
        _ fields: PM2Fields,
        _ process: inout DeclaredProcess,
    ) throws(DeclarationError) {
        for (key, own) in [
            ("uid", user?.uid), ("user", user?.uid), ("gid", user?.gid),
        ] {
            guard let asked = try fields.text(key), !asked.isEmpty, let user,
                asked != user.name, asked != own.map({ String($0) })
            else { continue }
            ignored.add("\(key) \(asked)", of: process.name)
            guard user.uid == 0 else { continue }
            let place = fields.place(of: key)
            process.obstacle = .otherUser(asked, key: key, of: process.name, at: place)
        }
    }

    // MARK: Paths

    private func folder(_ cwd: String?) -> FilePath {
        let base = root.pushing(FilePath(ProjectPath.directory(of: file)))
        return cwd.map { base.pushing(expanded($0)).lexicallyNormalized() } ?? base
    }

    /// A file for a process's output, which PM2 looks for in the process's folder; nil for none.
    private func output(_ path: String, _ directory: FilePath) -> FilePath? {
        guard !["NULL", "/dev/null"].contains(path) else { return nil }
        return directory.pushing(expanded(path)).lexicallyNormalized()
    }

    private func expanded(_ path: String) -> FilePath {
        guard let home, path == "~" || path.hasPrefix("~/") else { return FilePath(path) }
        return FilePath(home + path.dropFirst())
    }
}
