import PortlessCore

/// The ports that `portless.json`, or the `portless` key of `package.json`, declares.
struct PortlessSettings {
    var name: String?
    private var object: JavaScriptObject

    static func read(
        of configuration: ConfigurationFile,
        _ manifest: ScannedPackage?,
        into findings: inout Findings,
    ) -> PortlessSettings? {
        do {
            if let object = try configuration.json("portless.json") {
                return PortlessSettings(object)
            }
        } catch {
            findings.report(Unresolved(malformed: error))
        }
        if let object = manifest?.portless?.object { return PortlessSettings(object) }
        guard let name = manifest?.portless?.string, !name.isEmpty else { return nil }
        var settings = PortlessSettings(JavaScriptObject())
        settings.name = name
        return settings
    }

    private init(_ object: JavaScriptObject) {
        self.object = object
        name = object["name"]?.string
    }

    func addProcesses(projectName: String, to findings: inout Findings) {
        var draft = ProcessDraft(name: projectName, directory: "")
        add(object, to: &draft, &findings)
        if !draft.sources.isEmpty { findings.processes.append(draft) }
        for app in object["apps"]?.object?.properties ?? [] {
            guard let settings = app.value.object else { continue }
            let name = settings["name"]?.string ?? ProjectPath.name(of: app.name)
            var draft = ProcessDraft(name: name, directory: app.name)
            add(settings, to: &draft, &findings)
            if !draft.sources.isEmpty { findings.processes.append(draft) }
        }
    }

    private func add(
        _ settings: JavaScriptObject,
        to draft: inout ProcessDraft,
        _ findings: inout Findings,
    ) {
        for property in settings["ports"]?.object?.properties ?? [] {
            let value = property.value.object?["port"] ?? property.value
            // Without a number the label gets its port from a lease.
            if case .null = value.kind { continue }
            if value.object != nil || value.string == "auto" { continue }
            findings.add(
                value,
                named: "ports.\(property.name)",
                label: property.name,
                rule: "portless.json ports",
                to: &draft,
            )
        }
        guard let port = settings["appPort"] else { return }
        let label = PortLabels.labelOfPort(processName: draft.name, hasDevTools: false)
        findings.add(
            port,
            named: "appPort",
            label: draft.ports.isEmpty ? label : "app",
            rule: "portless.json appPort",
            to: &draft,
        )
    }
}
