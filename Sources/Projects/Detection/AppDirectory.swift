import PortlessCore

/// One directory that may hold an app of its own, without a process manager's file.
struct AppDirectory {
    let directory: String
    let names: Set<String>
    let reader: ProjectReader

    var isEmpty: Bool {
        !names.contains("package.json") && !names.contains("Procfile")
            && !hasAny(ViteConfiguration.names) && !hasAny(DotenvPorts.names)
            && !hasAny(PM2File.names)
    }

    /// A package of a larger project: its own process files count here as they do at the top.
    func readNested(into project: inout ProjectDraft) {
        for name in PM2File.names where names.contains(name) {
            let file = ProjectPath.join(directory, name)
            let isFound = PM2Ports.addProcesses(
                of: file,
                read: reader,
                environmentName: nil,
                to: &project,
            )
            if isFound { return }
        }
        if Procfile.addProcesses(in: directory, of: reader, to: &project) { return }
        read(named: nil, into: &project)
    }

    func read(named projectName: String?, into project: inout ProjectDraft) {
        let manifest =
            names.contains("package.json")
            ? PackageManifest.read(in: directory, of: reader, reportingTo: &project)
            : nil
        let packageName = manifest?.name.map { String(PackageManifest.unscoped($0)) }
        let name = projectName ?? packageName ?? ProjectPath.name(of: directory)
        var draft = ProcessDraft(name: name, directory: directory)
        var others: [ProcessDraft] = []
        readScripts(manifest, into: &draft, &others, &project)
        if draft.usesVite || hasAny(ViteConfiguration.names) {
            readVite(into: &draft, &project)
        }
        readDotenv(into: &draft, manifest, &project)
        if draft.ports.isEmpty, others.isEmpty, names.contains("Dockerfile") {
            Dockerfile.read(in: directory, of: reader, into: &draft, &project)
        }
        let declared = project.processes.firstIndex { $0.name == name }
        for draft in [draft] + others where !draft.sources.isEmpty {
            if let declared, draft.name == name {
                for source in draft.sources { project.processes[declared].add(source) }
                if draft.usesVite { project.processes[declared].usesVite = true }
            } else {
                project.processes.append(draft)
            }
        }
    }

    private func readScripts(
        _ manifest: PackageManifest?,
        into draft: inout ProcessDraft,
        _ others: inout [ProcessDraft],
        _ project: inout ProjectDraft,
    ) {
        var places: [String: Int] = [:]
        for script in manifest?.servers ?? [] {
            let suffix = PackageManifest.suffix(ofScript: script.name)
            let name = "\(draft.name)-\(suffix)"
            let known = places[name]
            var target =
                suffix.isEmpty
                ? draft
                : known.map { others[$0] } ?? ProcessDraft(name: name, directory: directory)
            for words in CommandWords(script.value).commands {
                read(words, of: script.name, into: &target, &project)
            }
            if suffix.isEmpty {
                draft = target
            } else if let known {
                others[known] = target
            } else if !target.sources.isEmpty {
                places[name] = others.count
                others.append(target)
            }
        }
    }

    private func read(
        _ words: CommandWords,
        of script: String,
        into target: inout ProcessDraft,
        _ project: inout ProjectDraft,
    ) {
        if words.runs(["vite"]) { target.usesVite = true }
        let showsPages = words.showsPages
        let label = PortLabels.labelOfService(named: target.name, servesPages: showsPages)
        for flag in words.assignments + words.portFlags {
            if let name = Dependencies.name(ofVariable: flag.name, inProcess: target.name) {
                if case .port(let port) = flag.reading {
                    project.addDependency(name, port, flag.value.origin)
                }
                continue
            }
            let rule = "package.json scripts.\(script) \(flag.name)"
            // Of several commands that one script runs, each has a port of its own.
            let isTaken =
                words.isNested
                && target.sources.contains { source in
                    source.label == label
                        && source.rule.hasPrefix("package.json scripts.\(script) ")
                }
            project.add(
                flag.value,
                named: flag.name,
                label: !flag.isPORT
                    ? PortLabels.label(of: flag.name)
                    : isTaken ? "port\(flag.value.text ?? "")" : label,
                rule: rule,
                to: &target,
            )
        }
    }

    private func readVite(into draft: inout ProcessDraft, _ project: inout ProjectDraft) {
        draft.usesVite = true
        guard
            let port = ViteConfiguration.port(in: directory, of: reader, into: &project)
        else { return }
        project.add(port, named: "server.port", label: "ui", rule: "vite server.port", to: &draft)
    }

    private func readDotenv(
        into draft: inout ProcessDraft,
        _ manifest: PackageManifest?,
        _ project: inout ProjectDraft,
    ) {
        let showsPages = (manifest?.servers ?? []).contains { script in
            CommandWords(script.value).runs(CommandWords.pageTools.subtracting(["vite"]))
        }
        let label =
            showsPages
            ? "ui" : PortLabels.labelOfPort(processName: draft.name, hasDevTools: false)
        let dotenv = DotenvPorts(
            directory: directory,
            reader: reader,
            labelOfPort: label,
        )
        dotenv.read(into: &draft, &project)
    }

    private func hasAny(_ candidates: [String]) -> Bool {
        candidates.contains { names.contains($0) }
    }
}
