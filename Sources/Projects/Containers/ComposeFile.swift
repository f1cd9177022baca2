import PortlessCore

/// Reads the published ports of a directory's compose files.
enum ComposeFile {
    private static let names = [
        "compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml",
        // Not Compose's own names: they count where there is no other file.
        "docker-compose.dev.yml", "docker-compose.dev.yaml", "compose.dev.yaml", "compose.dev.yml",
        "docker-compose.local.yml", "docker-compose.local.yaml", "compose.local.yaml",
        "compose.local.yml",
    ]
    private static let overrides = [
        "compose.override.yaml", "compose.override.yml", "docker-compose.override.yaml",
        "docker-compose.override.yml",
    ]

    /// The directories from which services of a project's compose files are built.
    static func builtDirectories(of reader: ProjectReader) -> Set<String> {
        var directories: Set<String> = []
        for name in names + overrides {
            guard let root = try? reader.yaml(name) else { continue }
            for service in root.object?["services"]?.object?.properties ?? [] {
                let build = service.value.object?["build"]
                if let path = folder(ofBuild: build) { directories.insert(path) }
            }
        }
        return directories
    }

    private static func folder(ofBuild build: ConfigurationValue?) -> String? {
        guard let build else { return nil }
        let context = build.string ?? build.object?["context"]?.string ?? "."
        return ProjectPath.resolve(context, from: "")
    }

    /// The variables that a project's compose files take from `.env`; none where the only image of
    /// its own is built of the whole project, whose variables they are, too.
    static func variables(of reader: ProjectReader, building: Set<String>) -> Set<String> {
        guard building != [""] else { return [] }
        var variables: Set<String> = []
        for name in names + overrides {
            guard let source = try? reader.source(name) else { continue }
            for part in source.string(0..<source.bytes.count).split(separator: "$").dropFirst() {
                let name = part.drop { $0 == "{" }.prefix {
                    $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_")
                }
                variables.insert(String(name))
            }
        }
        return variables
    }

    static func read(
        in directory: String,
        of reader: ProjectReader,
        into project: inout ProjectDraft,
    ) {
        let budget = reader.evaluator.budget
        let variables = variables(in: directory, of: reader, &project)
        for candidates in [names, overrides] {
            for name in candidates {
                let file = ProjectPath.join(directory, name)
                do {
                    guard let root = try reader.yaml(file) else { continue }
                    read(
                        root,
                        variables: variables,
                        budget: budget,
                        in: directory,
                        into: &project,
                    )
                } catch {
                    project.report(Unresolved(malformed: error))
                }
                break
            }
        }
    }

    /// Compose itself substitutes variables from the `.env` beside its file.
    private static func variables(
        in directory: String,
        of reader: ProjectReader,
        _ project: inout ProjectDraft,
    ) -> [String: ConfigurationValue] {
        let file = ProjectPath.join(directory, ".env")
        guard let source = reader.source(file, reportingTo: &project) else { return [:] }
        var variables: [String: ConfigurationValue] = [:]
        for entry in DotenvFile.entries(of: source) {
            variables[entry.name] = ConfigurationValue(.string(entry.value), at: entry.location)
        }
        return variables
    }

    private static func read(
        _ root: ConfigurationValue,
        variables: [String: ConfigurationValue],
        budget: ReadingBudget,
        in directory: String,
        into project: inout ProjectDraft,
    ) {
        guard let services = root.object?["services"]?.object else {
            if root.object == nil {
                project.report(Unresolved(root.origin, "a compose file has to be a mapping"))
            }
            return
        }
        let fronts = fronts(among: services.properties.map(\.name))
        for service in services.properties {
            guard let settings = service.value.object, let ports = settings["ports"] else {
                continue
            }
            guard let list = ports.array else {
                project.report(Unresolved(ports.origin, "\"ports\" has to be a list"))
                continue
            }
            let published = list.flatMap {
                ComposePort.ports($0, variables: variables, budget: budget, &project)
            }
            let isInfrastructure = Dependencies.isInfrastructure(
                service: service.name,
                image: settings["image"]?.string,
                ports: published.compactMap(\.container),
                isBuilt: settings["build"] != nil,
            )
            if isInfrastructure {
                for port in published {
                    project.addDependency(
                        service.name,
                        port.port,
                        at: port.value.origin,
                        isPublished: !port.isDatagram,
                    )
                }
            } else {
                // What its image is built of is the same program.
                if let path = folder(ofBuild: settings["build"]), !published.isEmpty {
                    let ports = Set(published.map(\.port))
                    project.processes.removeAll { draft in
                        draft.start == path && draft.name != service.name && !path.isEmpty
                            && (draft.isListed || !draft.sources.isEmpty)
                            && draft.sources.allSatisfy {
                                $0.label == "debug" && ports.contains($0.port)
                            }
                    }
                }
                add(
                    published,
                    ofService: service.name,
                    isBuilt: settings["build"] != nil,
                    main: fronts.contains(service.name)
                        ? "ui"
                        : PortLabels.main(
                            ofProcess: service.name,
                            running: CommandWords.kind(
                                of: [settings["command"]].compactMap(\.self)
                            ),
                        ),
                    in: directory,
                    to: &project,
                )
            }
        }
    }

    /// The services that are called an app beside an API: they stand in front of it.
    private static func fronts(among services: [String]) -> Set<String> {
        let last = { (name: String) in name.lowercased().split { !$0.isLetter }.last ?? "" }
        guard services.contains(where: { ["api", "backend"].contains(last($0)) }) else { return [] }
        return Set(services.filter { last($0) == "app" })
    }

    private static func add(
        _ ports: [ComposePort],
        ofService name: String,
        isBuilt: Bool,
        main: String,
        in directory: String,
        to project: inout ProjectDraft,
    ) {
        guard let first = ports.first else { return }
        var draft = ProcessDraft(name: name, directory: directory)
        let existing = project.processes.firstIndex { $0.name == name }
        if let existing {
            draft = project.processes[existing]
        } else if !project.mayAddProcess(at: first.value.origin) {
            return
        }
        // Its image is built of what the process of that name runs: both have one main port.
        let isRunHere = draft.sources.contains { !$0.rule.hasPrefix("compose") }
        let isSame = ports.contains { port in draft.ports.contains { $0.port == port.port } }
        var own = draft.ports.first { PortLabels.speaksHTTP($0.label) }?.label
        if !isBuilt || !isRunHere || isSame { own = nil }
        // The budget has room for no more.
        for port in ports.prefix(ReadingBudget.maximumPlaces + 1) {
            let known = draft.ports.first { $0.port == port.port }?.label
            let numbered = port.isDatagram ? "udp\(port.port)" : "port\(port.port)"
            let isFurther = port.isDatagram || draft.has(main)
            let debugger = PortLabels.debugger(port.container ?? port.port, isFurther: isFurther)
                .map { draft.has($0) ? "\($0)\(port.port)" : $0 }
            let service = port.container.flatMap(PortLabels.service).map { service in
                draft.has(service) ? "\(service)\(port.port)" : service
            }
            let further = service ?? (isFurther ? numbered : main)
            var label = known ?? debugger ?? (port.isDatagram ? numbered : further)
            if label == numbered, !port.isDatagram, let same = own {
                label = same
                own = nil
            }
            project.add(
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
            project.processes[existing] = draft
        } else {
            project.processes.append(draft)
        }
    }
}

/// One port that a compose service publishes on the host.
private struct ComposePort {
    var port: Port
    var isDatagram: Bool
    /// The entry that declares it.
    var value: ConfigurationValue
    /// The port within the container, if it is a single one.
    var container: Port?

    /// Reads an entry of `ports`: the short form, or the long one with `published`.
    static func ports(
        _ entry: ConfigurationValue,
        variables: [String: ConfigurationValue],
        budget: ReadingBudget,
        _ project: inout ProjectDraft,
    ) -> [ComposePort] {
        if let long = entry.object {
            guard var published = long["published"] else {
                project.report(
                    Unresolved(
                        entry.origin,
                        "no \"published\": the host port is chosen when it runs",
                    )
                )
                return []
            }
            if published.comment == nil { published.comment = entry.comment }
            let isDatagram = long["protocol"]?.text == "udp"
            let text = published.text ?? ""
            let target = long["target"]?.text.flatMap { Port($0) }
            return range(
                published,
                text,
                isDatagram: isDatagram,
                variables: variables,
                budget: budget,
                &project,
            ).map { port in
                var port = port
                port.container = target
                return port
            }
        }
        guard let text = entry.text else {
            project.report(
                entry.problem ?? Unresolved(entry.origin, "this is not a port mapping")
            )
            return []
        }
        let (mapping, kind) = split(text)
        let parts = fields(mapping)
        guard parts.count > 1 else {
            project.report(
                Unresolved(
                    entry.origin,
                    "\"\(text)\" names only the container's port: the host's is chosen when it runs",
                )
            )
            return []
        }
        let published = parts[parts.count - 2]
        let container = parts.last.flatMap { Port($0) }
        return range(
            entry,
            published,
            isDatagram: kind == "udp",
            variables: variables,
            budget: budget,
            &project,
        ).map { port in
            var port = port
            port.container = container
            return port
        }
    }

    private static func split(_ text: String) -> (mapping: String, kind: String) {
        guard let slash = text.lastIndex(of: "/") else { return (text, "tcp") }
        return (String(text[..<slash]), String(text[text.index(after: slash)...]))
    }

    /// The parts between colons, except colons in `${…}` and in a bracketed IPv6 address.
    private static func fields(_ text: String) -> [String] {
        var fields = [""]
        var nesting = 0
        for character in text {
            if character == "{" || character == "[" { nesting += 1 }
            if character == "}" || character == "]" { nesting -= 1 }
            if character == ":", nesting == 0 {
                fields.append("")
            } else {
                fields[fields.count - 1].append(character)
            }
        }
        return fields
    }

    private static func range(
        _ entry: ConfigurationValue,
        _ written: String,
        isDatagram: Bool,
        variables: [String: ConfigurationValue],
        budget: ReadingBudget,
        _ project: inout ProjectDraft,
    ) -> [ComposePort] {
        var value = entry
        value.kind = .string(written)
        let expanded = ShellVariables.expanded(
            written,
            as: value,
            variables: variables,
            budget: budget,
        )
        let text = expanded.text ?? ""
        let bounds = text.split(separator: "-").map { Port($0) }
        if bounds.count == 2, let low = bounds[0], let high = bounds[1], low <= high {
            let count = budget.isFull ? 1 : min(high.number - low.number + 1, 1000)
            guard budget.spend(4 * count) else {
                project.report(Unresolved(value.origin, OverBudget.work))
                return []
            }
            return (low.number..<low.number + count).compactMap { number in
                Port(number).map { ComposePort(port: $0, isDatagram: isDatagram, value: expanded) }
            }
        }
        switch PortReading(expanded, named: "ports") {
        case .port(let port):
            return [ComposePort(port: port, isDatagram: isDatagram, value: expanded)]
        case .problem(let problem):
            project.report(problem)
            return []
        }
    }
}
