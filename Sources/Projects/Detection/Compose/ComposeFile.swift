import PortlessCore

/// Reads the published ports of a directory's compose files.
enum ComposeFile {
    private static let names = [
        "compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml",
    ]
    private static let overrides = [
        "compose.override.yaml", "compose.override.yml", "docker-compose.override.yaml",
        "docker-compose.override.yml",
    ]

    static func read(
        in directory: String,
        of configuration: ConfigurationFile,
        into findings: inout Findings,
    ) {
        let budget = configuration.evaluator.budget
        let variables = variables(in: directory, of: configuration, &findings)
        for candidates in [names, overrides] {
            for name in candidates {
                let file = ProjectPath.join(directory, name)
                do {
                    guard let root = try configuration.yaml(file) else { continue }
                    read(root, variables, budget, in: directory, into: &findings)
                } catch {
                    findings.report(Unresolved(malformed: error))
                }
                break
            }
        }
    }

    /// Compose itself takes the `.env` beside its file for substitutions.
    private static func variables(
        in directory: String,
        of configuration: ConfigurationFile,
        _ findings: inout Findings,
    ) -> [String: JavaScriptValue] {
        let file = ProjectPath.join(directory, ".env")
        guard let source = configuration.source(file, reportingTo: &findings) else { return [:] }
        var variables: [String: JavaScriptValue] = [:]
        for entry in DotenvFile.entries(of: source) {
            variables[entry.name] = JavaScriptValue(.string(entry.value), at: entry.location)
        }
        return variables
    }

    private static func read(
        _ root: JavaScriptValue,
        _ variables: [String: JavaScriptValue],
        _ budget: ReadingBudget,
        in directory: String,
        into findings: inout Findings,
    ) {
        guard let services = root.object?["services"]?.object else {
            if root.object == nil {
                findings.report(Unresolved(root.origin, "a compose file has to be a mapping"))
            }
            return
        }
        for service in services.properties {
            guard let settings = service.value.object, let ports = settings["ports"] else {
                continue
            }
            guard let list = ports.array else {
                findings.report(Unresolved(ports.origin, "\"ports\" has to be a list"))
                continue
            }
            let published = list.flatMap {
                ComposePort.ports($0, variables, budget, &findings)
            }
            let isInfrastructure = Dependencies.isInfrastructure(
                service: service.name,
                image: settings["image"]?.string,
                isBuilt: settings["build"] != nil,
            )
            if isInfrastructure {
                for port in published {
                    findings.addDependency(service.name, port.port, port.value.origin)
                }
            } else {
                add(published, ofService: service.name, in: directory, to: &findings)
            }
        }
    }

    private static func add(
        _ ports: [ComposePort],
        ofService name: String,
        in directory: String,
        to findings: inout Findings,
    ) {
        guard let first = ports.first else { return }
        var draft = ProcessDraft(name: name, directory: directory)
        let existing = findings.processes.firstIndex { $0.name == name }
        if let existing {
            draft = findings.processes[existing]
        } else if !findings.mayAddProcess(at: first.value.origin) {
            return
        }
        // No more than these find room.
        for port in ports.prefix(ReadingBudget.maximumPlaces + 1) {
            let known = draft.ports.first { $0.port == port.port }?.label
            let main = PortLabels.labelOfService(named: name, servesPages: false)
            let numbered = port.isDatagram ? "udp\(port.port)" : "port\(port.port)"
            let label = known ?? (draft.ports.isEmpty && !port.isDatagram ? main : numbered)
            findings.add(
                PortSource(
                    label: label,
                    port: port.port,
                    location: port.value.origin,
                    rule: port.isDatagram ? "compose ports (udp)" : "compose ports",
                    description: port.value.comment,
                    overriddenBy: port.value.overriddenBy,
                ),
                to: &draft,
            )
        }
        if let existing {
            findings.processes[existing] = draft
        } else {
            findings.processes.append(draft)
        }
    }
}
