import PortlessCore
package import SystemPackage

/// Finds the ports that a project declares, in every file that declares any.
///
/// `portless.json` weighs most, then the process managers' files, then what tools are told on
/// their command lines and in their own files, then `.env`, then containers.
package struct ProjectDetection {
    let reader: ProjectReader
    var project: ProjectDraft
    /// The `env_<name>` block of a PM2 file that is used, beside `env`.
    private let environmentName: String?

    /// Reads the project in `directory`; what can't be known is in the result's `unresolved`.
    package static func detect(
        directory: FilePath,
        files: ProjectFiles,
        home: String? = nil,
    ) -> DetectedProject {
        let project = ReadingThread.perform {
            let reader = ProjectReader(root: directory.string, files: files, home: home)
            var detection = ProjectDetection(reader: reader)
            return detection.project(in: directory)
        }
        guard let project else {
            let reason = "the system has no thread left to read the project with"
            let problem = Unresolved(file: directory.string, line: 1, reason: reason)
            return DetectedProject(name: Self.name(of: directory), unresolved: [problem])
        }
        return project
    }

    init(reader: ProjectReader, environmentName: String? = nil) {
        self.reader = reader
        self.environmentName = environmentName
        project = ProjectDraft(reader.budget)
    }

    mutating func project(in directory: FilePath) -> DetectedProject {
        let manifest = PackageManifest.read(in: "", of: reader, reportingTo: &project)
        let configuration = configuration(manifest)
        let packageName = manifest?.name.map { String(PackageManifest.unscoped($0)) }
        let name = configuration.app.name ?? packageName ?? Self.name(of: directory)
        addProcesses(of: configuration, projectName: name)
        let settled = project.processes.count
        var unmanaged: [DetectedProcess] = []
        if readManagers() {
            completeManagedProcesses()
            let managed = settled..<project.processes.count
            // Where portless.json has the ports, every process gets its own from there.
            if settled == 0 { completeFromDotenv(managed) }
            unmanaged = self.unmanaged(managed, projectName: name)
        } else {
            readDirectories(projectName: name)
        }
        for process in configuration.processes { change(process) }
        ComposeFile.read(in: "", of: reader, into: &project)
        relabelDevelopmentServers()
        return DetectedProject(
            name: name,
            processes: project.processes.map(\.process),
            dependencies: project.dependencies,
            unresolved: project.allUnresolved,
            unmanaged: unmanaged,
            pm2Home: project.pm2Home,
        )
    }

    private static func name(of directory: FilePath) -> String {
        directory.lastComponent?.string ?? "app"
    }

    // MARK: portless.json

    private mutating func configuration(_ manifest: PackageManifest?) -> ProjectConfiguration {
        do {
            let reading = try ConfigurationReading(of: reader, manifest)
            project.report(reading.unresolved)
            return reading.configuration
        } catch {
            project.report(Unresolved(malformed: error))
            return ProjectConfiguration()
        }
    }

    private mutating func addProcesses(
        of configuration: ProjectConfiguration,
        projectName: String,
    ) {
        add(configuration.app, named: projectName, directory: "")
        for (path, app) in configuration.apps.sorted(by: { $0.key < $1.key }) {
            add(app, named: app.name ?? ProjectPath.name(of: path), directory: path)
        }
    }

    private mutating func add(_ app: AppConfiguration, named name: String, directory: String) {
        var draft = ProcessDraft(name: name, directory: directory)
        for source in app.sources { project.add(source, to: &draft) }
        if var source = app.appPortSource {
            if draft.ports.isEmpty {
                source.label = PortLabels.labelOfPort(processName: name, hasDevTools: false)
            }
            project.add(source, to: &draft)
        }
        if !draft.sources.isEmpty { project.processes.append(draft) }
    }

    /// `PORT` in the environment of one of `processes` is the port of a process of that name.
    private mutating func change(_ process: ConfiguredProcess) {
        guard var source = process.portSource else { return }
        let index = project.processes.firstIndex { $0.name == process.name }
        var draft =
            index.map { project.processes[$0] }
            ?? ProcessDraft(name: process.name, directory: process.directory ?? "")
        source.label =
            draft.ports.first?.label
            ?? PortLabels.labelOfService(named: process.name, servesPages: false)
        if !draft.ports.isEmpty { draft.ports.removeFirst() }
        let others = draft.ports
        draft.ports = []
        project.add(source, to: &draft)
        draft.ports += others
        if let index {
            project.processes[index] = draft
        } else if project.mayAddProcess(at: source.location) {
            project.processes.append(draft)
        }
    }

    // MARK: Managed processes

    /// The processes of the project's own PM2 file, else of its Procfiles; false without either.
    private mutating func readManagers() -> Bool {
        for name in PM2File.names where reader.exists(name) {
            let isFound = PM2Ports.addProcesses(
                of: name,
                read: reader,
                environmentName: environmentName,
                to: &project,
            )
            if isFound { return true }
        }
        return Procfile.addProcesses(in: "", of: reader, to: &project)
    }

    /// Where a managed process names no port, its tool's own files may.
    private mutating func completeManagedProcesses() {
        for index in project.processes.indices {
            var draft = project.processes[index]
            complete(&draft)
            project.processes[index] = draft
        }
    }

    private mutating func complete(_ draft: inout ProcessDraft) {
        guard let directory = draft.directory else { return }
        let manifest = PackageManifest.read(in: directory, of: reader, reportingTo: &project)
        for command in draft.commands {
            guard let script = CommandWords(command).packageScript ?? joinedScript(draft),
                let value: ConfigurationValue = manifest?.script(script)
            else { continue }
            let words = CommandWords(value)
            if words.runs(["vite"]) { draft.usesVite = true }
            guard draft.ports.isEmpty else { break }
            for words in words.commands {
                let showsPages = words.showsPages || draft.usesVite && !words.isNested
                let label = showsPages ? "ui" : "api"
                for flag in words.assignments + words.portFlags {
                    let rule = "package.json scripts.\(script) \(flag.name)"
                    project.add(
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
        if let port = ViteConfiguration.port(in: directory, of: reader, into: &project) {
            project.add(
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
        let values = ConfigurationValue(
            .array(draft.commands),
            at: draft.commands.first?.origin ?? SourceLocation(file: "", line: 1),
        )
        return CommandWords(values).packageScript
    }

    private mutating func readDirectories(projectName: String) {
        let directories = ProjectWalk.directories(of: reader, reportingTo: &project)
        for (directory, names) in directories {
            let app = AppDirectory(
                directory: directory,
                names: names,
                reader: reader,
            )
            if directory.isEmpty {
                app.read(named: projectName, into: &project)
            } else if !app.isEmpty {
                app.readNested(into: &project)
            }
        }
    }

    /// Where an API serves the built pages, a Vite server is for development only.
    private mutating func relabelDevelopmentServers() {
        guard project.processes.contains(where: { $0.has("api") }) else { return }
        for index in project.processes.indices {
            let draft = project.processes[index]
            guard draft.usesVite, draft.has("ui"), !draft.has("devUi") else { continue }
            project.processes[index].rename("ui", to: "devUi")
        }
    }
}
