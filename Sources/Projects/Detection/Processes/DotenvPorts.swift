import PortlessCore

/// Reads the ports in the `.env` files of one directory.
struct DotenvPorts {
    /// The file that weighs most comes first.
    static let names = [".env.development.local", ".env.local", ".env.development", ".env"]

    let directory: String
    let configuration: ConfigurationFile
    /// What plain `PORT` is there.
    let labelOfPort: String
    /// Whether anything but `PORT` counts.
    var readsOthers = true

    func read(into draft: inout ProcessDraft, _ findings: inout Findings) {
        for name in Self.names {
            let file = ProjectPath.join(directory, name)
            guard let source = configuration.source(file, reportingTo: &findings) else {
                continue
            }
            let budget = configuration.evaluator.budget
            var variables: [String: JavaScriptValue] = [:]
            for entry in DotenvFile.entries(of: source) {
                guard budget.spend() else {
                    findings.report(Unresolved(entry.location, OverBudget.work))
                    break
                }
                var value = JavaScriptValue(.string(entry.value), at: entry.location)
                value.comment = entry.comment
                value = ShellVariables.expanded(
                    entry.value,
                    as: value,
                    variables: variables,
                    budget: budget,
                )
                variables[entry.name] = value
                guard readsOthers || entry.name == "PORT" else { continue }
                read(entry, value, file: name, into: &draft, &findings)
            }
        }
    }

    private func read(
        _ entry: DotenvFile.Entry,
        _ value: JavaScriptValue,
        file: String,
        into draft: inout ProcessDraft,
        _ findings: inout Findings,
    ) {
        if let name = Dependencies.name(ofVariable: entry.name, inProcess: draft.name) {
            switch PortReading(value, named: entry.name) {
            case .port(let port): findings.addDependency(name, port, entry.location)
            case .problem(let problem): findings.report(problem)
            }
            return
        }
        if entry.name == "CLIENT_URL", !draft.has("ui"), let port = Self.localPort(entry.value) {
            findings.add(
                PortSource(
                    label: "ui",
                    port: port,
                    location: entry.location,
                    rule: "\(file) CLIENT_URL",
                    description: entry.comment,
                ),
                to: &draft,
            )
        }
        guard PortLabels.isPortVariable(entry.name), !entry.value.isEmpty else { return }
        let label: String =
            switch entry.name {
            case "PORT": labelOfPort
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
}
