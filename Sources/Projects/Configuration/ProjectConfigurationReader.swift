import PortlessCore

/// Reads a configuration; each value of a wrong type is noted with its location and left out.
struct ProjectConfigurationReader {
    typealias Problem = ConfigurationReading.Problem

    /// `portless.json`, or the file that contains the configuration under a key.
    let file: String
    private(set) var problems: [Problem] = []

    init(file: String) {
        self.file = file
    }

    mutating func configuration(_ object: ConfigurationObject) -> ProjectConfiguration {
        var result = ProjectConfiguration()
        result.app = app(object, prefix: "")
        if let value = object["apps"] {
            if value.object == nil { note(value, at: "apps", expected: "an object") }
            for (path, entry) in value.object?.properties.map({ ($0.name, $0.value) }) ?? [] {
                let prefix = "apps.\(path)"
                guard let object = entry.object else {
                    note(entry, at: prefix, expected: "an object")
                    continue
                }
                result.apps[Self.normalized(path)] = app(object, prefix: prefix + ".")
                result.unknownKeys += unknown(object, known: Self.appKeys, prefix: prefix + ".")
            }
        }
        let (processes, unknownProcessKeys) = processes(object)
        result.processes = processes
        result.unknownKeys += unknownProcessKeys
        if let turbo = object["turbo"] {
            result.usesTurborepo = turbo.boolean ?? true
            if turbo.boolean == nil { note(turbo, at: "turbo", expected: "true or false") }
        }
        result.proxy = proxy(object)
        result.unknownKeys += unknown(object, known: Self.topLevelKeys, prefix: "")
        return result
    }

    mutating func note(_ value: ConfigurationValue, at key: String, expected: String) {
        problems.append(Problem(origin: value.origin, key: key, fault: .isNot(expected)))
    }

    /// Notes a text that has the right type and can't be understood.
    mutating func note(_ value: ConfigurationValue, at key: String, problem: String) {
        problems.append(Problem(origin: value.origin, key: key, fault: .reason(problem)))
    }

    // MARK: Apps

    /// `$schema` is for editors.
    static let topLevelKeys = appKeys.union(proxyKeys)
        .union(["apps", "processes", "turbo", "$schema"])

    static let appKeys: Set = [
        "name", "script", "appPort", "path", "stripPath", "ports", "proxy", "env", "health",
        "start", "idle", "depends_on",
    ]

    private mutating func app(_ object: ConfigurationObject, prefix: String) -> AppConfiguration {
        var app = AppConfiguration()
        app.name = text("name", of: object, at: prefix)
        app.script = text("script", of: object, at: prefix)
        if let value = object["appPort"] {
            app.appPort = value.integer.flatMap { Port($0) }
            if let port = app.appPort {
                app.appPortSource = source(value, port, label: "app", rule: "appPort")
            } else {
                note(value, at: prefix + "appPort", expected: "a whole number from 1 to 65535")
            }
        }
        app.path = path(of: object, at: prefix)
        readPorts(object, prefix: prefix, into: &app)
        app.environment = variables(object, prefix: prefix)
        for variable in app.environment where Self.isOurs(variable.name) {
            guard let value = object["env"]?.object?[variable.name] else { continue }
            let remedy = variable.name == "PORT" ? "; \"appPort\" says which port" : ""
            note(
                value,
                at: "\(prefix)env.\(variable.name)",
                problem: "Portless sets \(variable.name) itself\(remedy)",
            )
        }
        if let value = object["proxy"] {
            app.isProxied = value.boolean
            if app.isProxied == nil {
                note(value, at: prefix + "proxy", expected: "true or false")
            }
        }
        app.health = health(of: object, at: prefix)
        app.onRequest = onRequest(of: object, at: prefix)
        app.dependencies = dependencies(of: object, at: prefix)
        return app
    }

    /// `"path": "/api"`, and `"stripPath": true` for an app that doesn't want to see it.
    private mutating func path(of object: ConfigurationObject, at prefix: String) -> RoutePath? {
        let isStripped = object["stripPath"]?.boolean
        if let value = object["stripPath"], isStripped == nil {
            note(value, at: prefix + "stripPath", expected: "true or false")
        }
        guard let text = text("path", of: object, at: prefix), let value = object["path"] else {
            return nil
        }
        do {
            return try RoutePath(parsing: text, isStripped: isStripped ?? false)
        } catch {
            note(value, at: prefix + "path", problem: error.explanation)
            return nil
        }
    }

    private mutating func text(
        _ key: String,
        of object: ConfigurationObject,
        at prefix: String,
    ) -> String? {
        guard let value = object[key] else { return nil }
        guard let text = value.string, !text.trimmingBlanks.isEmpty else {
            note(value, at: prefix + key, expected: "a string that isn't blank")
            return nil
        }
        return text
    }

    private func unknown(
        _ object: ConfigurationObject,
        known: Set<String>,
        prefix: String,
    ) -> [String] {
        object.properties.map(\.name).filter { !known.contains($0) }.map { prefix + $0 }
    }

    func source(
        _ value: ConfigurationValue,
        _ port: Port,
        label: String,
        rule: String,
        description: String? = nil,
    ) -> PortSource {
        PortSource(
            label: label,
            port: port,
            location: value.origin,
            rule: "\(ProjectConfiguration.file) \(rule)",
            description: description ?? value.comment,
        )
    }

    /// `./apps/web/` is `apps/web`.
    private static func normalized(_ path: String) -> String {
        path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    // MARK: Ports

    /// `"ports": {"ui": 5571, "api": "auto", "cdp": {"port": 5556, "description": "…", "http":
    /// false, "tcp": true}}`, or a list of labels, whose numbers come from a lease.
    private mutating func readPorts(
        _ object: ConfigurationObject,
        prefix: String,
        into app: inout AppConfiguration,
    ) {
        let key = prefix + "ports"
        guard let value = object["ports"] else { return }
        if let labels = value.array {
            for label in labels {
                guard let text = label.string else {
                    note(label, at: key, expected: "an object, or a list of labels")
                    continue
                }
                add(ConfiguredPort(label: text), at: label, key, to: &app)
            }
        } else if let entries = value.object {
            for entry in entries.properties {
                let port = port(entry.value, label: entry.name, key: "\(key).\(entry.name)")
                add(port, at: entry.value.object?["port"] ?? entry.value, key, to: &app)
            }
        } else {
            note(value, at: key, expected: "an object, or a list of labels")
        }
    }

    private mutating func port(
        _ value: ConfigurationValue,
        label: String,
        key: String,
    ) -> ConfiguredPort {
        var result = ConfiguredPort(label: label)
        guard let object = value.object else {
            result.port = number(value, key)
            return result
        }
        result.port = object["port"].flatMap { number($0, key + ".port") }
        if let description = object["description"] {
            result.description = description.string
            if description.string == nil {
                note(description, at: key + ".description", expected: "a string")
            }
        }
        if let http = object["http"] {
            result.speaksHTTP = http.boolean
            if http.boolean == nil { note(http, at: key + ".http", expected: "true or false") }
        }
        if let tcp = object["tcp"] {
            result.isTCP = tcp.boolean ?? false
            if tcp.boolean == nil {
                note(tcp, at: key + ".tcp", expected: "true or false")
            } else if result.isTCP, result.speaksHTTP == true {
                note(tcp, at: key + ".tcp", expected: "false where \"http\" is true")
            }
        }
        return result
    }

    /// Nil for `"auto"` and null.
    private mutating func number(_ value: ConfigurationValue, _ key: String) -> Port? {
        if value.isNull || value.string == "auto" { return nil }
        let port = value.integer.flatMap { Port($0) }
        if port == nil {
            note(value, at: key, expected: "a whole number from 1 to 65535, or \"auto\"")
        }
        return port
    }

    private mutating func add(
        _ port: ConfiguredPort,
        at value: ConfigurationValue,
        _ key: String,
        to app: inout AppConfiguration,
    ) {
        if let expected = expectation(port, beside: app.ports) {
            return note(value, at: "\(key).\(port.label)", expected: expected)
        }
        app.ports.append(port)
        if let number = port.port {
            app.sources.append(
                source(
                    value,
                    number,
                    label: port.label,
                    rule: "ports",
                    description: port.description,
                )
            )
        }
    }

    /// The rule that a label or its port breaks.
    private func expectation(_ port: ConfiguredPort, beside others: [ConfiguredPort]) -> String? {
        guard Label(port.label) != nil else {
            return "called by letters, digits and hyphens, beginning with a letter"
        }
        let variable = PortLabels.environmentVariable(of: port.label)
        guard !PortLabels.isReserved(port.label) else {
            return "called something else: \(variable) sets Portless itself"
        }
        if let rival = PortLabels.rival(of: port.label, among: others.map(\.label)) {
            return "called something else: \(rival) is \(variable), too"
        }
        for other in others {
            if other.label.lowercased() == port.label.lowercased() { return "there only once" }
            if let number = port.port, other.port == number {
                return "another port than \(number), which \(other.label) has"
            }
        }
        return nil
    }
}
