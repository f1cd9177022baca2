import PortlessCore

/// Reads the ports of the processes in a PM2 file.
struct PM2Ports {
    private let file: PM2File
    private let reader: ProjectReader
    /// The selected `env_<name>` block, beside `env`.
    private let environmentName: String?
    private var project: ProjectDraft

    /// Adds the processes of one file; false if it has none.
    static func addProcesses(
        of path: String,
        read reader: ProjectReader,
        environmentName: String?,
        to project: inout ProjectDraft,
    ) -> Bool {
        let file: PM2File
        do throws(SourceError) {
            file = try PM2File(path, of: reader)
        } catch {
            project.report(Unresolved(malformed: error))
            return false
        }
        var ports = PM2Ports(
            file: file,
            reader: reader,
            environmentName: environmentName,
            project: ProjectDraft(reader.budget),
        )
        for app in file.apps { ports.add(app) }
        ports.project.report(file.gaps.map(\.problem))
        project.add(ports.project, problems: file.problems)
        project.pm2Home = project.pm2Home ?? file.home
        return !ports.project.processes.isEmpty
    }

    private mutating func add(_ app: PM2App) {
        guard var name = app.name else {
            return project.report(
                Unresolved(app.origin, "this process has neither a name nor a script")
            )
        }
        if let problem = name.problem, let other = app.nameOfScript, other.problem == nil {
            // PM2 itself names it so where the name is missing.
            project.report(problem)
            name = other
        }
        guard name.problem == nil, let text = name.text else {
            return project.report(
                name.problem ?? Unresolved(name.origin, "\"name\" has to be a string")
            )
        }
        let environment = environment(of: app)
        let count = increments(of: app)
        guard count > 1, let variable = app.object["increment_var"]?.text else {
            return add(app, named: text, environment)
        }
        for index in 0..<count {
            let own = environment.map { entry in
                guard entry.variable.name == variable, entry.block != "" else { return entry }
                var entry = entry
                entry.variable.value = Self.value(entry.variable.value, increasedBy: index)
                return entry
            }
            add(app, named: "\(text)-\(index)", own)
        }
    }

    /// The number of instances with a port of their own; 1 where the variable isn't incremented.
    private mutating func increments(of app: PM2App) -> Int {
        guard let variable = app.object["increment_var"], variable.truth != false,
            let instances = app.object["instances"] ?? app.object["exec_instances"]
        else { return 1 }
        if let problem = variable.problem ?? instances.problem {
            project.report(problem)
            return 1
        }
        guard let count = instances.text.flatMap({ Int($0) }), count > 0 else {
            let reason = "how many instances there are, each with a port, depends on the machine"
            project.report(Unresolved(instances.origin, reason))
            return 1
        }
        return min(count, 256)
    }

    /// The variable's value for the instance of that index.
    private static func value(
        _ value: ConfigurationValue,
        increasedBy index: Int,
    ) -> ConfigurationValue {
        guard index > 0, value.problem == nil, let number = value.number, number.isFinite else {
            return value
        }
        var result = value
        result.kind = .number(number + Double(index))
        // The file doesn't contain the number.
        result.origin.range = nil
        return result
    }

    private mutating func add(_ app: PM2App, named name: String, _ environment: [Variable]) {
        guard project.mayAddProcess(at: app.origin) else { return }
        var draft = ProcessDraft(name: name, directory: directory(of: app))
        draft.commands = commands(of: app)
        draft.usesVite =
            environment.contains { $0.variable.name == "VITE_PORT" }
            || draft.commands.contains { CommandWords($0).runs(["vite"]) }
        project.report(app.object.gaps)
        readPorts(app.object["ports"], into: &draft)
        let hasOwn = !draft.ports.isEmpty
        // Ports that certainly override PORT come before it.
        if !hasOwn { readArguments(onlyCertain: true, into: &draft) }
        let told = hasOwn ? nil : draft.ports.first?.label
        let servesFiles = app.object["script"]?.text == "serve"
        readEnvironment(
            environment,
            ignoringOwn: hasOwn,
            servesFiles: servesFiles,
            labelOfPort: told,
            into: &draft,
        )
        if draft.ports.isEmpty { readArguments(onlyCertain: false, into: &draft) }
        project.processes.append(draft)
    }

    /// The command line, which PM2 has in several keys, and the interpreter's arguments.
    private func commands(of app: PM2App) -> [ConfigurationValue] {
        let script = app.object["script"]
        let isInterpreters = script?.string?.hasPrefix("-") == true
        let parts = (isInterpreters ? ["interpreter"] : []) + ["script", "args"]
        let line = ConfigurationValue(
            .array(parts.compactMap { app.object[$0] }),
            at: script?.origin ?? app.origin,
        )
        return [line] + ["interpreter_args", "node_args"].compactMap { app.object[$0] }
    }

    /// The process's folder within the project; nil where it lies outside or is unknown.
    private func directory(of app: PM2App) -> String? {
        let base = ProjectPath.directory(of: file.file)
        guard let cwd = app.object["cwd"] else { return base }
        guard var path = cwd.string else { return nil }
        let root = reader.evaluator.root
        if path == root { return "" }
        if path.hasPrefix(root + "/") {
            path = String(path.dropFirst(root.count))
        } else if path.hasPrefix("/") {
            return nil
        }
        return ProjectPath.resolve(path, from: base)
    }

    // MARK: Ports

    /// `ports: { label: port }`; if it has any, no other ports count.
    private mutating func readPorts(_ value: ConfigurationValue?, into draft: inout ProcessDraft) {
        guard let value, !value.isUndefined else { return }
        if let problem = value.problem { return project.report(problem) }
        guard let map = value.object else {
            return project.report(
                Unresolved(value.origin, "\"ports\" has to be an object of labels and ports")
            )
        }
        project.report(map.gaps)
        for property in map.properties {
            let label = PortLabels.label(ofConstant: property.name)
            project.add(
                property.value,
                named: "ports.\(property.name)",
                label: label,
                rule: "ports",
                to: &draft,
            )
        }
    }

    /// A variable that may contain a port, and its block.
    private typealias Variable = (variable: ConfigurationObject.Property, block: String)

    /// The process's environment; without a selected name, also the variables that only a named
    /// block has.
    private mutating func environment(of app: PM2App) -> [Variable] {
        let own = app.environment(named: environmentName)
        project.report(own.gaps)
        let port = app.object["port"]
        var variables = own.properties.filter { Self.namesPort($0.name) }.map { property in
            let isBare = property.name == "PORT" && property.value.origin == port?.origin
            return (variable: property, block: isBare ? "" : "env")
        }
        guard environmentName == nil else { return variables }
        // PM2 uses it only with one of these names, so the source names the block.
        for block in ["env_development", "env_production"] {
            let others = app.block(block)
            project.report(others.gaps)
            for var property in others.properties where Self.namesPort(property.name) {
                guard !variables.contains(where: { $0.variable.name == property.name }) else {
                    continue
                }
                let comment = property.value.comment.map { ": \($0)" } ?? ""
                property.value.comment = block + comment
                variables.append((property, block))
            }
        }
        return variables
    }

    private static func namesPort(_ variable: String) -> Bool {
        PortLabels.isPortVariable(variable) || variable == "PGPORT"
    }

    private mutating func readEnvironment(
        _ variables: [Variable],
        ignoringOwn ignoresOwn: Bool,
        servesFiles: Bool,
        labelOfPort: String?,
        into draft: inout ProcessDraft,
    ) {
        let hasDevTools = variables.contains { $0.variable.name == "CDP_PORT" }
        let weights = ["CDP_PORT": 0, "PORT": 1, "VITE_PORT": 2]
        let ordered = variables.enumerated().sorted {
            (weights[$0.element.variable.name] ?? 3, $0.offset)
                < (weights[$1.element.variable.name] ?? 3, $1.offset)
        }
        for (_, (variable, block)) in ordered {
            let name = variable.name
            if let dependency = Dependencies.name(ofVariable: name, inProcess: draft.name) {
                readDependency(dependency, variable)
                continue
            }
            guard !ignoresOwn else { continue }
            // `script: "serve"` is PM2's own server of static files.
            var label = label(of: variable, of: draft, hasDevTools: hasDevTools)
            if servesFiles, name == "PM2_SERVE_PORT" { label = "ui" }
            // The command line has the port that `PORT` would give.
            if name == "PORT", let labelOfPort { label = labelOfPort }
            if name == "VITE_PORT" {
                // Vite's own variable shows better than PORT where its pages are.
                draft.ports.removeAll { $0.label == "ui" }
            }
            project.add(
                variable.value,
                named: block.isEmpty ? "port" : "\(block).\(name)",
                label: label,
                rule: block.isEmpty ? "port" : "\(block) \(name)",
                to: &draft,
            )
        }
    }

    private func label(
        of variable: ConfigurationObject.Property,
        of draft: ProcessDraft,
        hasDevTools: Bool,
    ) -> String {
        switch variable.name {
        case "PORT":
            return PortLabels.main(
                ofProcess: draft.name,
                running: CommandWords.kind(of: draft.commands),
                hasDevTools: hasDevTools,
            )
        case "CDP_PORT": return "cdp"
        case "VITE_PORT": return "ui"
        default:
            // The loopback mirror is recognised by its constant, under any variable.
            let constant = variable.value.constant.map { PortLabels.label(ofConstant: $0) }
            return constant == "api-local" ? "api-local" : PortLabels.label(of: variable.name)
        }
    }

    private mutating func readDependency(_ name: String, _ variable: ConfigurationObject.Property) {
        switch PortReading(variable.value, named: "env.\(variable.name)") {
        case .port(let port): project.addDependency(name, port, at: variable.value.origin)
        case .problem(let problem): project.report(problem)
        }
    }

    private mutating func readArguments(onlyCertain: Bool, into draft: inout ProcessDraft) {
        let folder = CommandFolder(draft.start, of: reader)
        for command in draft.commands {
            // An unknown value may contain the port.
            for part in command.array ?? [command] where part.knownText == nil && !onlyCertain {
                if let problem = part.problem { project.report(problem) }
            }
            project.addPorts(
                of: command,
                rule: "args",
                in: onlyCertain ? folder : .unknown,
                otherwise: "ui",
                onlyCertain: onlyCertain,
                to: &draft,
            )
        }
    }
}
