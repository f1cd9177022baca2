import SystemPackage

extension PlannedProcess {
    var json: JSONValue {
        var object: JSONObject = [
            "name": .string(name),
            "command": .array(command.map { .string($0) }),
            "directory": .string(directory.string),
            "ports": Self.json(ports),
            "hostnames": .array(names.own.map { .string($0.description) }),
            "otherNames": .array(
                names.labels.map { name in
                    .object([
                        "label": .string(name.label),
                        "hostname": .string(name.hostname.description),
                        "port": .integer(name.port.number),
                    ])
                }
            ),
            "urls": .array(urls.map { .string($0) }),
            "restart": restart.json,
            "killTimeout": .integer(killTimeout.milliseconds),
            "dependencies": .array(dependencies.map { .string($0) }),
        ]
        object["primaryPort"] = primaryPort.map { .integer($0.number) }
        object["memoryLimit"] = memoryLimit.map { .integer($0) }
        object["outputFile"] = outputFile.map { .string($0.string) }
        object["errorFile"] = errorFile.map { .string($0.string) }
        object["environment"] = Self.json(environment)
        object["inherited"] = Self.json(inherited)
        return .object(object)
    }

    init(_ fields: PlanFields) throws {
        let name = try fields.text("name")
        guard ProcessName.isValid(name) else {
            throw fields.wrong("name", "a process name (letters, digits, and . _ - : within)")
        }
        let command = try fields.texts("command")
        guard command.first?.isEmpty == false else {
            throw fields.wrong("command", "a program with its arguments")
        }
        guard let directory = try fields.path("directory") else {
            throw fields.wrong("directory", "an absolute path")
        }
        self.init(
            name: name,
            command: command,
            directory: directory,
            environment: try fields.textMap("environment"),
        )
        inherited = try fields.textMap("inherited")
        ports = try fields.members("ports").map { label, value in
            guard let port = value.integer.flatMap({ Port($0) }) else {
                throw fields.wrong("ports.\(label)", "a port")
            }
            return DetectedProcess.LabeledPort(label: label, port: port)
        }
        primaryPort = try fields.port("primaryPort")
        names.own = try fields.texts("hostnames").map { text in
            guard let name = Hostname(text) else { throw fields.wrong("hostnames", "host names") }
            return name
        }
        names.labels = try fields.optionalObjects("otherNames").map { name in
            let text = try name.text("hostname")
            guard let hostname = Hostname(text), let port = try name.port("port") else {
                throw fields.wrong("otherNames", "names with their ports")
            }
            // Older versions leave the label out, with which the name begins.
            let label = try name.optionalText("label") ?? String(text.prefix { $0 != "." })
            return RouteLabel(label: label, hostname: hostname, port: port)
        }
        urls = try fields.texts("urls")
        restart = try RestartSettings(fields.fields("restart"))
        killTimeout = try fields.milliseconds("killTimeout") ?? killTimeout
        memoryLimit = try fields.integer("memoryLimit")
        outputFile = try fields.path("outputFile")
        errorFile = try fields.path("errorFile")
        dependencies = try fields.texts("dependencies")
    }

    private static func json(_ variables: [String: String]) -> JSONValue {
        var object = JSONObject()
        for (name, value) in variables.sorted(by: { $0.key < $1.key }) {
            object[name] = .string(value)
        }
        return .object(object)
    }

    static func json(_ ports: [DetectedProcess.LabeledPort]) -> JSONValue {
        var object = JSONObject()
        for labeled in ports { object[labeled.label] = .integer(labeled.port.number) }
        return .object(object)
    }
}
