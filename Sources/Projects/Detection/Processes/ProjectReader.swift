import PortlessCore

/// Puts together what the files of one project say.
///
/// `portless.json` weighs most, then the process managers' files, then what tools are told on
/// their command lines and in their own files, then `.env`, then containers.
struct ProjectReader {
    let configuration: ConfigurationFile
    var findings: Findings

    init(configuration: ConfigurationFile) {
        self.configuration = configuration
        findings = Findings(configuration.evaluator.budget)
    }

    mutating func project(named directoryName: String) -> DetectedProject {
        let manifest = ScannedPackage.read(in: "", of: configuration, into: &findings)
        let settings = PortlessSettings.read(of: configuration, manifest, into: &findings)
        let name = settings?.name ?? manifest?.name ?? directoryName
        if let settings { settings.addProcesses(projectName: name, to: &findings) }
        let settled = findings.processes.count
        var unmanaged: [DetectedProcess] = []
        if readManagers() {
            completeManagedProcesses()
            let managed = settled..<findings.processes.count
            // Where portless.json has the ports, every process gets its own from there.
            if settled == 0 { completeFromDotenv(managed) }
            unmanaged = self.unmanaged(managed, projectName: name)
        } else {
            readUnits(projectName: name)
        }
        ComposeFile.read(in: "", of: configuration, into: &findings)
        relabelDevelopmentServers()
        return DetectedProject(
            name: name,
            processes: findings.processes.map(\.process),
            dependencies: findings.dependencies,
            unresolved: findings.allUnresolved,
            unmanaged: unmanaged,
            pm2Home: findings.pm2Home,
        )
    }

    /// The processes of the project's own PM2 file, else of its Procfiles; false without either.
    private mutating func readManagers() -> Bool {
        for name in PM2File.names where configuration.exists(name) {
            if PM2File.read(name, with: configuration.evaluator, into: &findings) { return true }
        }
        return Procfile.read(in: "", of: configuration, into: &findings)
    }

    /// Where a managed process names no port, its tool's own files may.
    private mutating func completeManagedProcesses() {
        for index in findings.processes.indices {
            var draft = findings.processes[index]
            complete(&draft)
            findings.processes[index] = draft
        }
    }

    private mutating func complete(_ draft: inout ProcessDraft) {
        guard let directory = draft.directory else { return }
        let manifest = ScannedPackage.read(in: directory, of: configuration, into: &findings)
        for command in draft.commands {
            guard let script = CommandWords(command).packageScript ?? joinedScript(draft),
                let value = manifest?.scripts[script]
            else { continue }
            let words = CommandWords(value)
            if words.runs(["vite"]) { draft.usesVite = true }
            guard draft.ports.isEmpty else { break }
            for words in words.commands {
                let showsPages =
                    words.runs(ScannedPackage.pageTools) || draft.usesVite && !words.isNested
                let label = showsPages ? "ui" : "api"
                for flag in words.assignments + words.portFlags {
                    let rule = "package.json scripts.\(script) \(flag.name)"
                    findings.add(
                        flag.value,
                        named: flag.name,
                        label: label,
                        rule: rule,
                        to: &draft,
                    )
                }
            }
            break
        }
        guard draft.usesVite, draft.ports.isEmpty else { return }
        if let port = ViteConfiguration.port(in: directory, of: configuration, into: &findings) {
            findings.add(
                port,
                named: "server.port",
                label: "ui",
                rule: "vite server.port",
                to: &draft,
            )
        }
    }

    /// `script: "npm", args: "run dev"`: the command is spread over two values.
    private func joinedScript(_ draft: ProcessDraft) -> String? {
        let values = JavaScriptValue(
            .array(draft.commands),
            at: draft.commands.first?.origin ?? SourceLocation(file: "", line: 1),
        )
        return CommandWords(values).packageScript
    }

    private mutating func readUnits(projectName: String) {
        let directories = ProjectWalk.directories(of: configuration, reportingTo: &findings)
        for (directory, names) in directories {
            var unit = ProjectUnit(
                directory: directory,
                names: names,
                configuration: configuration,
            )
            if directory.isEmpty {
                unit.read(named: projectName, into: &findings)
            } else if !unit.isEmpty {
                unit.readNested(into: &findings)
            }
        }
    }

    /// Where an API serves the built pages, a Vite server is for development only.
    private mutating func relabelDevelopmentServers() {
        guard findings.processes.contains(where: { $0.has("api") }) else { return }
        for index in findings.processes.indices {
            let draft = findings.processes[index]
            guard draft.usesVite, draft.has("ui"), !draft.has("devUi") else { continue }
            findings.processes[index].rename("ui", to: "devUi")
        }
    }
}
