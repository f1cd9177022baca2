/// One directory that may hold an app of its own, without a process manager's file.
struct ProjectUnit {
    static let dotenvNames = [".env.development.local", ".env.local", ".env.development", ".env"]

    let directory: String
    let names: Set<String>
    let configuration: ConfigurationFile

    var isEmpty: Bool {
        !names.contains("package.json") && !names.contains("Procfile")
            && !hasAny(ViteConfiguration.names) && !hasAny(Self.dotenvNames)
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
        for script in manifest?.servers ?? [] {
            let words = CommandWords(script.value)
            let showsPages = words.runs(ScannedPackage.pageTools)
            let usesVite = words.runs(["vite"])
            let flags = words.assignments + words.portFlags
            let suffix = script.name.split(separator: ":").dropFirst().joined(separator: "-")
            var target =
                suffix.isEmpty
                ? draft : ProcessDraft(name: "\(draft.name)-\(suffix)", directory: directory)
            if usesVite { target.usesVite = true }
            let label = PortLabels.labelOfService(named: target.name, servesPages: showsPages)
            for flag in flags {
                let own = flag.name.hasPrefix("-") || flag.name == "PORT"
                if let name = Dependencies.name(ofVariable: flag.name, inProcess: target.name) {
                    if case .port(let port) = flag.reading {
                        findings.addDependency(name, port, flag.value.origin)
                    }
                    continue
                }
                findings.add(
                    flag.value,
                    named: flag.name,
                    label: own ? label : PortLabels.label(of: flag.name),
                    rule: "package.json scripts.\(script.name) \(flag.name)",
                    to: &target,
                )
            }
            if suffix.isEmpty {
                draft = target
            } else if !target.sources.isEmpty {
                others.append(target)
            }
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
        for name in Self.dotenvNames where names.contains(name) {
            let file = ProjectPath.join(directory, name)
            guard let source = try? configuration.source(file) else { continue }
            for entry in DotenvFile.entries(of: source) {
                read(entry, file: name, showsPages: showsPages, into: &draft, &findings)
            }
        }
    }

    private func read(
        _ entry: DotenvFile.Entry,
        file: String,
        showsPages: Bool,
        into draft: inout ProcessDraft,
        _ findings: inout Findings,
    ) {
        var value = JavaScriptValue(.string(entry.value), at: entry.location)
        value.comment = entry.comment
        value = ShellVariables.expanded(entry.value, as: value)
        if let name = Dependencies.name(ofVariable: entry.name, inProcess: draft.name) {
            switch PortReading(value, named: entry.name) {
            case .port(let port): findings.addDependency(name, port, entry.location)
            case .problem(let problem): findings.report(problem)
            }
            return
        }
        if entry.name == "CLIENT_URL", !draft.has("ui"), let port = Self.localPort(entry.value) {
            draft.add(
                PortSource(
                    label: "ui",
                    port: port,
                    location: entry.location,
                    rule: "\(file) CLIENT_URL",
                    description: entry.comment,
                )
            )
        }
        guard PortLabels.isPortVariable(entry.name), !entry.value.isEmpty else { return }
        let label: String =
            switch entry.name {
            case "PORT":
                showsPages
                    ? "ui" : PortLabels.labelOfPort(processName: draft.name, hasDevTools: false)
            case "VITE_PORT": "ui"
            default: PortLabels.label(of: entry.name)
            }
        if entry.name == "VITE_PORT" { draft.usesVite = true }
        findings.add(
            value,
            named: entry.name,
            label: label,
            rule: "\(file) \(entry.name)",
            to: &draft,
        )
    }

    /// The port of `http://localhost:5173`, nothing of other hosts.
    private static func localPort(_ url: String) -> Port? {
        guard let scheme = url.firstRange(of: "://") else { return nil }
        let authority = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
        guard let colon = authority.lastIndex(of: ":") else { return nil }
        let host = authority[..<colon]
        guard ["localhost", "127.0.0.1", "[::1]"].contains(String(host)) else { return nil }
        return Port(authority[authority.index(after: colon)...])
    }

    private func hasAny(_ candidates: [String]) -> Bool {
        candidates.contains { names.contains($0) }
    }
}
