import PortlessCore

/// One directory that may hold an app of its own, without a process manager's file.
struct AppDirectory {
    let directory: String
    let names: Set<String>
    let reader: ProjectReader
    /// The directories whose images a compose file builds: only its published ports count.
    var imagesElsewhere: Set<String> = []
    /// The variables of `.env` that the compose files read, where nothing here does.
    var composeVariables: Set<String> = []

    var isEmpty: Bool {
        !hasAny(["package.json", "deno.json", "Procfile"])
            && !hasAny(ToolConfiguration.namesOfVite) && !hasAny(DotenvPorts.names)
            && PM2File.found(among: Array(names)).isEmpty
    }

    /// Reads a package of a larger project, whose own process files count like those at the top.
    func readNested(into project: inout ProjectDraft) {
        let managed = PM2File.found(among: Array(names))
        for name in managed {
            let file = ProjectPath.join(directory, name)
            let isFound = PM2Ports.addProcesses(
                of: file,
                read: reader,
                environmentName: nil,
                to: &project,
            )
            if isFound {
                PM2File.reportOthers(managed, than: file, in: directory, to: &project)
                return
            }
        }
        if Procfile.addProcesses(in: directory, of: reader, to: &project) { return }
        read(named: nil, into: &project)
    }

    func read(named projectName: String?, into project: inout ProjectDraft) {
        let manifest =
            names.contains("package.json")
            ? PackageManifest.read(in: directory, of: reader, reportingTo: &project)
            : names.contains("deno.json")
                ? PackageManifest(denoIn: directory, of: reader, reportingTo: &project) : nil
        let packageName = manifest?.name.map { String(PackageManifest.unscoped($0)) }
        let name = projectName ?? packageName ?? ProjectPath.name(of: directory)
        var draft = ProcessDraft(name: name, directory: directory)
        var others: [ProcessDraft] = []
        readScripts(manifest, into: &draft, others: &others, &project)
        readTools(into: &draft, &others, &project)
        readDotenv(into: &draft, manifest, &project)
        if draft.showsPagesWithoutPort, !draft.sources.isEmpty, !draft.has("ui") {
            others.insert(draft.splitOffServer(), at: 0)
        }
        let isBuilt = imagesElsewhere.contains(directory)
        // EXPOSE is a port in the container; it says nothing about what the scripts start here.
        let runsHere = draft.usesVite || !servers(of: manifest).isEmpty
        if !runsHere, draft.ports.isEmpty, names.contains("Dockerfile"), !isBuilt {
            Dockerfile.read(in: directory, of: reader, into: &draft, &project)
        }
        if manifest == nil, !draft.sources.isEmpty, project.knows(draft.sources) { return }
        let declared = project.processes.firstIndex { $0.name == name }
        for draft in [draft] + others where !draft.sources.isEmpty || draft.isListed {
            if let declared, draft.name == name {
                for source in draft.sources { project.processes[declared].add(source) }
                if draft.usesVite { project.processes[declared].usesVite = true }
            } else {
                project.processes.append(draft)
            }
        }
    }

    /// Reads the package's own process, that of its "dev" script or a similar one; `others` are the
    /// processes of other scripts that serve.
    private func readScripts(
        _ manifest: PackageManifest?,
        into draft: inout ProcessDraft,
        others: inout [ProcessDraft],
        _ project: inout ProjectDraft,
    ) {
        for script in servers(of: manifest) {
            let suffix = manifest?.suffix(ofScript: script.name) ?? ""
            let name = suffix.isEmpty ? draft.name : "\(draft.name)-\(suffix)"
            let known = others.firstIndex { $0.name == name }
            var target =
                suffix.isEmpty
                ? draft
                : known.map { others[$0] } ?? ProcessDraft(name: name, directory: directory)
            project.addPorts(
                of: script.value,
                rule: "\(manifest?.rule ?? "")\(script.name)",
                in: folder,
                to: &target,
            )
            // Beside the package's own server, others are other ways to start it.
            let isFurther = !suffix.isEmpty && draft.serves
            if target.serves, !isFurther { target.isListed = true }
            if suffix.isEmpty {
                draft = target
            } else if let known {
                others[known] = target
            } else if !target.sources.isEmpty || target.usesVite || target.isListed {
                others.append(target)
            }
        }
        // A script with the ports of another one is another way to start the same server.
        var seen = Set(draft.sources.map(\.port))
        others.removeAll { other in
            let ports = other.sources.map(\.port)
            guard !ports.isEmpty, seen.isSuperset(of: ports) else {
                seen.formUnion(ports)
                return false
            }
            return true
        }
    }

    /// A tool's own file belongs to the first script that runs the tool; Vite's counts in any case.
    private func readTools(
        into draft: inout ProcessDraft,
        _ others: inout [ProcessDraft],
        _ project: inout ProjectDraft,
    ) {
        let other = draft.usesVite ? nil : others.firstIndex(where: \.usesVite)
        if let other {
            others[other].completeTools()
        } else if draft.usesVite || hasAny(ToolConfiguration.namesOfVite) {
            draft.usesVite = true
            draft.completeTools()
        }
        var known: Set<String> = []
        func add(_ draft: inout ProcessDraft) {
            let tools = draft.tools.filter { known.insert("\($0.folder) \($0.tool.rule)").inserted }
            project.addPorts(ofTools: tools, read: reader, to: &draft)
        }
        add(&draft)
        for index in others.indices { add(&others[index]) }
    }

    private func readDotenv(
        into draft: inout ProcessDraft,
        _ manifest: PackageManifest?,
        _ project: inout ProjectDraft,
    ) {
        let lines = servers(of: manifest).map(\.value)
        let commands = lines.first.map { line in
            CommandWords(line).commands(in: folder)
        }
        let dotenv = DotenvPorts(
            directory: draft.directory ?? directory,
            reader: reader,
            labelOfPort: PortLabels.main(
                ofProcess: draft.name,
                running: CommandWords.kind(of: lines),
            ),
            readsPORT: commands?.contains { $0.readsPORT() } ?? true,
            ignored: commands == nil ? composeVariables : [],
        )
        dotenv.read(into: &draft, &project)
    }

    private var folder: CommandFolder { CommandFolder(directory, of: reader) }

    private func servers(of manifest: PackageManifest?) -> [ConfigurationObject.Property] {
        manifest?.servers(in: folder) ?? []
    }

    private func hasAny(_ candidates: [String]) -> Bool {
        candidates.contains { names.contains($0) }
    }
}
