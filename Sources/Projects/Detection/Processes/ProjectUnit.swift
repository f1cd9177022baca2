import PortlessCore

/// One directory that may hold an app of its own, without a process manager's file.
struct ProjectUnit {
    let directory: String
    let names: Set<String>
    let configuration: ConfigurationFile

    var isEmpty: Bool {
        !names.contains("package.json") && !names.contains("Procfile")
            && !hasAny(ViteConfiguration.names) && !hasAny(DotenvPorts.names)
            && !hasAny(PM2File.names)
    }

    /// A package of a larger project: its own process files count here as they do at the top.
    mutating func readNested(into findings: inout Findings) {
        for name in PM2File.names where names.contains(name) {
            let file = ProjectPath.join(directory, name)
            if PM2File.read(file, with: configuration.evaluator, into: &findings) { return }
        }
        if Procfile.read(in: directory, of: configuration, into: &findings) { return }
        read(named: nil, into: &findings)
    }

    mutating func read(named projectName: String?, into findings: inout Findings) {
        let manifest =
            names.contains("package.json")
            ? ScannedPackage.read(in: directory, of: configuration, into: &findings)
            : nil
        let name = projectName ?? manifest?.name ?? ProjectPath.name(of: directory)
        var draft = ProcessDraft(name: name, directory: directory)
        var others: [ProcessDraft] = []
        readScripts(manifest, into: &draft, &others, &findings)
        if draft.usesVite || hasAny(ViteConfiguration.names) {
            readVite(into: &draft, &findings)
        }
        readDotenv(into: &draft, manifest, &findings)
        if draft.ports.isEmpty, others.isEmpty, names.contains("Dockerfile") {
            Dockerfile.read(in: directory, of: configuration, into: &draft, &findings)
        }
        let declared = findings.processes.firstIndex { $0.name == name }
        for draft in [draft] + others where !draft.sources.isEmpty {
            if let declared, draft.name == name {
                for source in draft.sources { findings.processes[declared].add(source) }
                if draft.usesVite { findings.processes[declared].usesVite = true }
            } else {
                findings.processes.append(draft)
            }
        }
    }

    private func readScripts(
        _ manifest: ScannedPackage?,
        into draft: inout ProcessDraft,
        _ others: inout [ProcessDraft],
        _ findings: inout Findings,
    ) {
        var places: [String: Int] = [:]
        for script in manifest?.servers ?? [] {
            let suffix = ScannedPackage.suffix(ofScript: script.name)
            let name = "\(draft.name)-\(suffix)"
            let known = places[name]
            var target =
                suffix.isEmpty
                ? draft
                : known.map { others[$0] } ?? ProcessDraft(name: name, directory: directory)
            for words in CommandWords(script.value).commands {
                read(words, of: script.name, into: &target, &findings)
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
        _ findings: inout Findings,
    ) {
        if words.runs(["vite"]) { target.usesVite = true }
        let showsPages = words.runs(ScannedPackage.pageTools)
        let label = PortLabels.labelOfService(named: target.name, servesPages: showsPages)
        for flag in words.assignments + words.portFlags {
            let own = flag.name.hasPrefix("-") || flag.name == "PORT"
            if let name = Dependencies.name(ofVariable: flag.name, inProcess: target.name) {
                if case .port(let port) = flag.reading {
                    findings.addDependency(name, port, flag.value.origin)
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
            findings.add(
                flag.value,
                named: flag.name,
                label: !own
                    ? PortLabels.label(of: flag.name)
                    : isTaken ? "port\(flag.value.text ?? "")" : label,
                rule: rule,
                to: &target,
            )
        }
    }

    private func readVite(into draft: inout ProcessDraft, _ findings: inout Findings) {
        draft.usesVite = true
        guard
            let port = ViteConfiguration.port(in: directory, of: configuration, into: &findings)
        else { return }
        findings.add(port, named: "server.port", label: "ui", rule: "vite server.port", to: &draft)
    }

    private func readDotenv(
        into draft: inout ProcessDraft,
        _ manifest: ScannedPackage?,
        _ findings: inout Findings,
    ) {
        let showsPages = (manifest?.servers ?? []).contains { script in
            CommandWords(script.value).runs(ScannedPackage.pageTools.subtracting(["vite"]))
        }
        let label =
            showsPages
            ? "ui" : PortLabels.labelOfPort(processName: draft.name, hasDevTools: false)
        let dotenv = DotenvPorts(
            directory: directory,
            configuration: configuration,
            labelOfPort: label,
        )
        dotenv.read(into: &draft, &findings)
    }

    private func hasAny(_ candidates: [String]) -> Bool {
        candidates.contains { names.contains($0) }
    }
}
