import PortlessCore

/// Reads the processes and their ports out of one PM2 process file's value.
struct PM2Reader {
    let file: String
    let root: String
    var findings: Findings

    /// Accepts `{ apps: […] }`, a bare list and a single process, as PM2 does.
    mutating func read(_ value: JavaScriptValue) {
        if let problem = value.problem { return findings.report(problem) }
        if let apps = value.array {
            for app in apps { read(app: app) }
            return
        }
        guard let object = value.object else { return }
        guard let apps = object["apps"] else {
            if object["script"] != nil { read(app: value) } else { findings.report(object.gaps) }
            return
        }
        if let problem = apps.problem { return findings.report(problem) }
        for app in apps.array ?? [apps] { read(app: app) }
    }

    private mutating func read(app: JavaScriptValue) {
        if let problem = app.problem { return findings.report(problem) }
        guard let object = app.object else { return }
        let names = names(of: object, at: app.origin)
        for name in names where findings.mayAddProcess(at: app.origin) {
            read(object, named: name)
        }
    }

    /// The name, and what PM2 takes where there is none: the script's, without its extension.
    private mutating func names(of app: JavaScriptObject, at origin: SourceLocation) -> [String] {
        if let name = app["name"]?.text, app["name"]?.problem == nil { return [name] }
        if let problem = app["name"]?.problem { findings.report(problem) }
        let script = app["script"]?.string.map { ProjectPath.name(of: $0) } ?? ""
        guard let base = script.split(separator: ".").first else {
            findings.report(Unresolved(origin, "this process has neither a name nor a script"))
            return []
        }
        return [String(base)]
    }

    private mutating func read(_ app: JavaScriptObject, named name: String) {
        var draft = ProcessDraft(name: name, directory: directory(of: app))
        let environment = environment(of: app)
        draft.commands = ["script", "args", "interpreter", "interpreter_args", "node_args"]
            .compactMap { app[$0] }
        draft.usesVite =
            environment.contains { $0.name == "VITE_PORT" }
            || draft.commands.contains { CommandWords($0).runs(["vite"]) }
        findings.report(app.gaps)
        readPorts(app["ports"], into: &draft)
        readEnvironment(environment, into: &draft)
        if draft.ports.isEmpty { readArguments(into: &draft) }
        if draft.ports.isEmpty, let port = app["port"] {
            findings.add(port, named: "port", label: "api", rule: "port", to: &draft)
        }
        findings.processes.append(draft)
    }

    private func directory(of app: JavaScriptObject) -> String? {
        let base = ProjectPath.directory(of: file)
        guard let cwd = app["cwd"] else { return base }
        guard var path = cwd.string else { return nil }
        if path == root { return "" }
        if path.hasPrefix(root + "/") {
            path = String(path.dropFirst(root.count))
        } else if path.hasPrefix("/") {
            return nil
        }
        return ProjectPath.resolve(path, from: base)
    }

    // MARK: Ports

    /// `ports: { label: port }`, which alone counts where it gives any.
    private mutating func readPorts(_ value: JavaScriptValue?, into draft: inout ProcessDraft) {
        guard let value, !value.isUndefined else { return }
        if let problem = value.problem { return findings.report(problem) }
        guard let map = value.object else {
            return findings.report(
                Unresolved(value.origin, "\"ports\" has to be an object of labels and ports")
            )
        }
        findings.report(map.gaps)
        for property in map.properties {
            let label = PortLabels.label(ofConstant: property.name)
            findings.add(
                property.value,
                named: "ports.\(property.name)",
                label: label,
                rule: "ports",
                to: &draft,
            )
        }
    }

    /// `env`, overridden by `env_development`, overridden by `env_production`.
    private mutating func environment(
        of app: JavaScriptObject
    ) -> [JavaScriptObject.Property] {
        var merged = JavaScriptObject()
        for block in ["env", "env_development", "env_production"] {
            guard let value = app[block] else { continue }
            if let object = value.object {
                merged.merge(object)
            } else if let problem = value.problem, !value.isProcessEnvironment {
                findings.report(problem)
            }
        }
        findings.report(merged.gaps)
        return merged.properties.filter {
            PortLabels.isPortVariable($0.name) || $0.name == "PGPORT"
        }
    }

    private mutating func readEnvironment(
        _ variables: [JavaScriptObject.Property],
        into draft: inout ProcessDraft,
    ) {
        let ignoresOwn = !draft.ports.isEmpty
        let hasDevTools = variables.contains { $0.name == "CDP_PORT" }
        let weights = ["CDP_PORT": 0, "PORT": 1, "VITE_PORT": 2]
        let ordered = variables.enumerated().sorted {
            (weights[$0.element.name] ?? 3, $0.offset) < (weights[$1.element.name] ?? 3, $1.offset)
        }
        for (_, variable) in ordered {
            let name = variable.name
            if let dependency = Dependencies.name(ofVariable: name, inProcess: draft.name) {
                readDependency(dependency, variable)
                continue
            }
            guard !ignoresOwn else { continue }
            let label = label(of: variable, processName: draft.name, hasDevTools: hasDevTools)
            if name == "VITE_PORT" {
                // Vite's own variable says better than PORT where its pages are.
                draft.ports.removeAll { $0.label == "ui" }
            }
            findings.add(
                variable.value,
                named: "env.\(name)",
                label: label,
                rule: "env \(name)",
                to: &draft,
            )
        }
    }

    private func label(
        of variable: JavaScriptObject.Property,
        processName: String,
        hasDevTools: Bool,
    ) -> String {
        switch variable.name {
        case "PORT":
            return PortLabels.labelOfPort(processName: processName, hasDevTools: hasDevTools)
        case "CDP_PORT": return "cdp"
        case "VITE_PORT": return "ui"
        default:
            // The loopback mirror is known by its constant, whatever the variable is called.
            let constant = variable.value.constant.map { PortLabels.label(ofConstant: $0) }
            return constant == "api-local" ? "api-local" : PortLabels.label(of: variable.name)
        }
    }

    private mutating func readDependency(_ name: String, _ variable: JavaScriptObject.Property) {
        switch PortReading(variable.value, named: "env.\(variable.name)") {
        case .port(let port): findings.addDependency(name, port, variable.value.origin)
        case .problem(let problem): findings.report(problem)
        }
    }

    private mutating func readArguments(into draft: inout ProcessDraft) {
        for command in draft.commands {
            for flag in CommandWords(command).portFlags {
                findings.add(
                    flag.value,
                    named: flag.name,
                    label: "ui",
                    rule: "args \(flag.name)",
                    to: &draft,
                )
            }
        }
    }
}

extension JavaScriptValue {
    fileprivate var isProcessEnvironment: Bool {
        if case .builtin("process.env") = kind { true } else { false }
    }
}
