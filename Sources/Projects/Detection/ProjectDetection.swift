import PortlessCore
package import SystemPackage

/// Finds the ports that a project declares, in every file that declares any.
///
/// `portless.json` takes precedence, then the process managers' files, then command lines and the
/// tools' own files, then `.env`, then containers.
package struct ProjectDetection {
    let reader: ProjectReader
    var project: ProjectDraft
    /// The selected `env_<name>` block of a PM2 file, beside `env`.
    private let environmentName: String?
    /// The directories whose Dockerfiles the compose files build.
    var built: Set<String> = []

    /// Reads the project in `directory`; unknown values are in the result's `unresolved`.
    package static func detect(
        directory: FilePath,
        files: ProjectFiles,
        home: String? = nil,
    ) -> DetectedProject {
        let project = ReadingThread.perform {
            let reader = ProjectReader(root: directory.string, files: files, home: home)
            var detection = ProjectDetection(reader: reader)
            var project = detection.project(in: directory)
            // A workspace without a name gets one from its packages.
            if !project.isNameConfigured,
                let name = WorkspaceNames.project(
                    configured: nil,
                    packageNames: reader.workspace.packages.compactMap(\.name),
                )
            {
                project.name = name
            }
            return project
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
        built = ComposeFile.builtDirectories(of: reader)
        if let manager = readManagers() {
            completeManagedProcesses()
            let managed = settled..<project.processes.count
            // Where portless.json has the ports, every process gets its own from there.
            if settled == 0 { completeFromDotenv(managed, loadsDotenv: manager == .procfile) }
            unmanaged = self.unmanaged(managed, projectName: name)
            reportUnread(beside: managed)
        } else {
            readDirectories(projectName: name)
        }
        for process in configuration.processes { change(process) }
        ComposeFile.read(in: "", of: reader, into: &project)
        var detected = DetectedProject(
            name: name,
            processes: project.processes.filter { !$0.isOnlyListed }.map(\.process),
            dependencies: project.dependencies,
            unresolved: project.allUnresolved,
            unmanaged: unmanaged,
            pm2Home: project.pm2Home,
        )
        detected.withoutPort = project.processes.filter(\.isOnlyListed).map(\.process)
        detected.delegating = project.delegating
        detected.files = reader.evaluator.filesRead.subtracting([".gitignore"]).sorted()
        detected.isNameConfigured = configuration.app.name != nil
        return detected
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
                source.label = PortLabels.main(ofProcess: name)
            }
            project.add(source, to: &draft)
        }
        if !draft.sources.isEmpty { project.processes.append(draft) }
    }

    /// Reads the `PORT` in the environment of each of `processes` as that process's port.
    private mutating func change(_ process: ConfiguredProcess) {
        guard var source = process.portSource else { return }
        let index = project.processes.firstIndex { $0.name == process.name }
        var draft =
            index.map { project.processes[$0] }
            ?? ProcessDraft(name: process.name, directory: process.directory ?? "")
        source.label =
            draft.ports.first?.label
            ?? PortLabels.main(
                ofProcess: process.name,
                running: process.kind,
            )
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

    private enum Manager { case pm2, procfile }

    /// The processes of the project's own PM2 file, else of its Procfiles; nil without either.
    private mutating func readManagers() -> Manager? {
        let names = PM2File.found(in: "", of: reader)
        for name in names {
            let isFound = PM2Ports.addProcesses(
                of: name,
                read: reader,
                environmentName: environmentName,
                to: &project,
            )
            if isFound {
                PM2File.reportOthers(names, than: name, in: "", to: &project)
                return .pm2
            }
        }
        return Procfile.addProcesses(in: "", of: reader, to: &project) ? .procfile : nil
    }

    /// Looks for the ports of managed processes without one in their tools' own files.
    private mutating func completeManagedProcesses() {
        for index in project.processes.indices {
            var draft = project.processes[index]
            complete(&draft)
            project.processes[index] = draft
        }
    }

    private mutating func complete(_ draft: inout ProcessDraft) {
        guard let start = draft.start else { return }
        let folder = CommandFolder(start, of: reader)
        for line in draft.commands {
            guard let name = CommandWords(line).commands().lazy.compactMap(\.packageScript).first
            else { continue }
            let commands = CommandWords(line).commands(in: folder)
            if commands.contains(where: { $0.runs(["vite"]) }) { draft.usesVite = true }
            guard draft.ports.isEmpty else { break }
            project.addPorts(
                of: line,
                rule: "package.json scripts.\(name)",
                in: folder,
                to: &draft,
            )
            break
        }
        guard draft.ports.isEmpty else { return }
        if draft.usesVite { draft.completeTools() }
        project.addPorts(ofTools: draft.tools, read: reader, to: &draft)
    }

    private mutating func readDirectories(projectName: String) {
        let composeVariables = ComposeFile.variables(of: reader, building: built)
        let directories = ProjectWalk.directories(of: reader, reportingTo: &project)
        for (directory, names) in directories {
            let app = AppDirectory(
                directory: directory,
                names: names,
                reader: reader,
                imagesElsewhere: built,
                composeVariables: directory.isEmpty ? composeVariables : [],
            )
            if directory.isEmpty {
                app.read(named: projectName, into: &project)
            } else if !app.isEmpty {
                app.readNested(into: &project)
            }
            let name = directory.isEmpty ? projectName : ProjectPath.name(of: directory)
            OtherProgram(directory: directory, names: names, reader: reader)
                .read(named: name, into: &project)
        }
        project.settleDelegates()
        for (directory, names) in directories {
            UnreadFile.report(in: directory, with: names, of: reader, to: &project)
        }
    }
}
