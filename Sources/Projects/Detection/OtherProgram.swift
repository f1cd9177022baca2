import PortlessCore

/// The programs of a directory that other files than JavaScript's declare: Spring's, Phoenix', Nx',
/// Composer's.
struct OtherProgram {
    let directory: String
    let names: Set<String>
    let reader: ProjectReader

    func read(named name: String, into project: inout ProjectDraft) {
        readSpring(named: names.contains("package.json") ? "\(name)-server" : name, into: &project)
        readPhoenix(named: name, into: &project)
        readNx(into: &project)
        readComposer(named: "\(name)-server", into: &project)
    }

    private func path(_ file: String) -> String { ProjectPath.join(directory, file) }

    private func add(_ draft: ProcessDraft, to project: inout ProjectDraft) {
        guard !draft.sources.isEmpty || draft.isListed else { return }
        if let index = project.processes.firstIndex(where: { $0.name == draft.name }) {
            for source in draft.sources { project.processes[index].add(source) }
        } else {
            project.processes.append(draft)
        }
    }

    // MARK: Spring

    private func readSpring(named name: String, into project: inout ProjectDraft) {
        guard !names.isDisjoint(with: ["pom.xml", "build.gradle", "build.gradle.kts"]) else {
            return
        }
        for ending in ["properties", "yml", "yaml"] {
            let file = path("src/main/resources/application.\(ending)")
            let found: ConfigurationValue?
            do {
                found = try ending == "properties" ? property(of: file) : setting(of: file)
            } catch {
                project.report(Unresolved(file: file, line: error.line, reason: error.reason))
                continue
            }
            guard var value = found else { continue }
            // Spring's `${PORT:8080}` is a shell's `${PORT:-8080}`.
            if let text = value.string, text.hasPrefix("${"), let colon = text.firstIndex(of: ":") {
                let shell = text[..<colon] + ":-" + text[text.index(after: colon)...]
                value = ShellVariables.expanded(String(shell), as: value)
            }
            var draft = ProcessDraft(name: name, directory: directory)
            project.add(
                value,
                named: "server.port",
                label: PortLabels.main(ofProcess: name),
                rule: "Spring server.port",
                to: &draft,
            )
            return add(draft, to: &project)
        }
    }

    private func property(of file: String) throws(SourceError) -> ConfigurationValue? {
        guard let source = try reader.source(file) else { return nil }
        var result: ConfigurationValue?
        for (number, range) in source.lines {
            let line = source.string(range).trimmingBlanks
            guard line.hasPrefix("server.port") else { continue }
            let rest = line.dropFirst("server.port".count).drop { $0 == " " }
            guard let separator = rest.first, "=:".contains(separator) else { continue }
            let location = SourceLocation(file: file, line: number)
            result = ConfigurationValue(
                .string(rest.dropFirst().trimmingBlanks),
                at: location,
            )
        }
        return result
    }

    private func setting(of file: String) throws(SourceError) -> ConfigurationValue? {
        let root = try reader.yaml(file)?.object
        return root?["server"]?.object?["port"] ?? root?["server.port"]
    }

    // MARK: Phoenix

    private func readPhoenix(named name: String, into project: inout ProjectDraft) {
        guard names.contains("mix.exs"),
            let source = reader.source(path("config/dev.exs"), reportingTo: &project),
            let port = Self.phoenixPort(in: source)
        else { return }
        let showsPages = reader.list(directory).contains { $0.isDirectory && $0.name == "assets" }
        var draft = ProcessDraft(name: name, directory: directory)
        project.add(
            port,
            named: "port",
            label: PortLabels.main(ofProcess: name, running: showsPages ? .pages : .other),
            rule: "Phoenix http.port",
            to: &draft,
        )
        add(draft, to: &project)
    }

    /// The number in `http: [ip: {127, 0, 0, 1}, port: 4000]`, or the default of the variable there.
    private static func phoenixPort(in source: SourceText) -> ConfigurationValue? {
        var isInside = false
        for (number, range) in source.lines {
            var line = source.string(range).trimmingBlanks[...]
            guard !line.hasPrefix("#") else { continue }
            if !isInside {
                guard line.hasPrefix("http:") || line.contains(" http:"),
                    let start = line.firstRange(of: "http:")
                else { continue }
                line = line[start.upperBound...]
                isInside = true
            }
            if let key = line.firstRange(of: "port:") {
                let digits = line[key.upperBound...].drop { !$0.isNumber }.prefix(while: \.isNumber)
                let location = SourceLocation(file: source.file, line: number)
                return ConfigurationValue(.string(String(digits)), at: location)
            }
            if line.contains("]") { return nil }
        }
        return nil
    }

    // MARK: Nx

    private func readNx(into project: inout ProjectDraft) {
        guard names.contains("project.json"), let file = try? reader.json(path("project.json")),
            let targets = file["targets"]?.object
        else { return }
        let name = file["name"]?.string ?? ProjectPath.name(of: directory)
        for target in ["serve", "dev"] {
            guard let settings = targets[target]?.object,
                let port = settings["options"]?.object?["port"]
            else { continue }
            let executor = settings["executor"]?.string ?? ""
            let isPages = ["dev-server", "next", "vite", "angular", "web:"].contains {
                executor.contains($0)
            }
            var draft = ProcessDraft(name: name, directory: directory)
            project.add(
                port,
                named: "port",
                label: PortLabels.main(ofProcess: name, running: isPages ? .pages : .other),
                rule: "Nx \(target).port",
                to: &draft,
            )
            return add(draft, to: &project)
        }
    }

    // MARK: Composer

    private func readComposer(named name: String, into project: inout ProjectDraft) {
        guard names.contains("composer.json"),
            let file = try? reader.json(path("composer.json")),
            let script = file["scripts"]?.object?["dev"]
        else { return }
        var draft = ProcessDraft(name: name, directory: directory)
        for line in script.array ?? [script] {
            // What package.json starts is its own process.
            project.addPorts(of: line, rule: "composer.json scripts.dev", to: &draft)
        }
        draft.isListed = draft.serves
        add(draft, to: &project)
    }
}
