import HostSystem
import SystemPackage

// These lists alone write, read and describe each member of a plan.

extension SupervisionPlan {
    private static let fields: [JSONField<SupervisionPlan>] = [
        .required("app", \.app, as: .appName),
        .required("directory", \.directory, as: .path),
        .required("processes", \.processes, as: .list(of: .process)),
        .optional("onRequest", \.onRequest, as: .onRequest),
        .defaulted("needs", \.needs, as: .list(of: .appName)),
        .group(
            "log",
            [
                .defaulted("size", \.logSize, as: .number(in: 1024...Int64.max)),
                .defaulted("count", \.logCount, as: .count(atMost: 100)),
            ],
        ),
    ]

    /// The members of a plan, for its schema.
    package static var members: [JSONMember] {
        [JSONMember(key: "version", shape: .count, isRequired: false)]
            + fields.flatMap(\.members)
    }

    /// The content of `plan.json`, and what the command line hands to the server.
    package var json: JSONValue {
        var object: JSONObject = ["version": .integer(1)]
        for (key, value) in JSONField.write(self, Self.fields).members { object[key] = value }
        return .object(object)
    }

    /// Reads what `json` wrote; the error says in a few words what is wrong.
    package init(json: JSONValue) throws {
        guard let object = json.object else { throw JSONMismatch("plan", "an object") }
        let app = try JSONCodec<AppName>.appName.read(object["app"] ?? .null, "plan.app")
        self.init(app: app, directory: "/", processes: [])
        for field in Self.fields { try field.read(object, "plan", &self) }
        let names = processes.map(\.name)
        guard Set(names).count == names.count else {
            throw JSONMismatch("plan.processes", "a list in which no name is there twice")
        }
    }
}

extension JSONCodec<PlannedProcess> {
    static let process = object(
        [
            .required("name", \.name, as: .processName),
            .required("command", \.command, as: .command),
            .required("directory", \.directory, as: .path),
            .defaulted("environment", \.environment, as: .variables),
            .defaulted("inherited", \.inherited, as: .variables),
            .defaulted("ports", \.ports, as: .ports),
            .optional("primaryPort", \.primaryPort, as: .port),
            .defaulted("hostnames", \.names.own, as: .list(of: .hostname)),
            .optional("path", \.names.path, as: .routePath),
            .optional("worktree", \.names.worktree, as: .text),
            .defaulted("otherNames", \.names.labels, as: .list(of: .label)),
            .defaulted("urls", \.urls, as: .texts),
            .defaulted("restart", \.restart, as: .restart),
            .defaulted("killTimeout", \.killTimeout, as: .milliseconds),
            .defaulted("endsDescendants", \.endsDescendants, as: .flag),
            .optional("memoryLimit", \.memoryLimit, as: .bytes),
            .optional("outputFile", \.outputFile, as: .path),
            .optional("errorFile", \.errorFile, as: .path),
            .optional("inputFile", \.inputFile, as: .path),
            .defaulted("dependencies", \.dependencies, as: .texts),
            .optional("health", \.health, as: .health),
            .optional("timeLimit", \.timeLimit, as: .milliseconds),
            .defaulted("endsWithCommand", \.endsWithCommand, as: .flag),
            .optional("terminal", \.terminal, as: .terminal),
        ],
        blank: PlannedProcess(name: "", command: [], directory: "/", environment: [:]),
        name: "PlannedProcess",
    )
}

extension JSONCodec<TerminalSize> {
    static let terminal = object(
        [
            .defaulted("columns", \.columns, as: .count(atMost: 1000)),
            .defaulted("rows", \.rows, as: .count(atMost: 1000)),
        ],
        blank: TerminalSize(),
    )
}

extension JSONCodec<RestartSettings> {
    fileprivate static let restart = object(
        [
            .defaulted("automatic", \.isAutomatic, as: .flag),
            .defaulted("limit", \.limit, as: .count(atMost: 1_000_000)),
            .defaulted("minimumUptime", \.minimumUptime, as: .milliseconds),
            .defaulted("delay", \.delay, as: .milliseconds),
            .optional("backoff", \.backoff, as: .milliseconds),
            .defaulted("finalCodes", \.finalCodes, as: .codes),
        ],
        blank: RestartSettings(),
    )
}

extension JSONCodec<RoutePath> {
    fileprivate static let routePath = JSONCodec(
        .object([
            JSONMember(key: "prefix", shape: .text, isRequired: true),
            JSONMember(key: "strip", shape: .flag, isRequired: false),
        ])
    ) { path in
        .object(["prefix": .string(path.prefix), "strip": .bool(path.isStripped)])
    } read: { json, place in
        let path = try? RoutePath(
            parsing: json["prefix"]?.string ?? "",
            isStripped: json["strip"]?.bool ?? false,
        )
        guard let path else { throw JSONMismatch("\(place).prefix", "a path such as /api") }
        return path
    }
}

extension JSONCodec<RouteLabel> {
    fileprivate static let label = JSONCodec(
        .object([
            JSONMember(key: "label", shape: .text, isRequired: false),
            JSONMember(key: "hostname", shape: .text, isRequired: true),
            JSONMember(key: "port", shape: .port, isRequired: true),
            JSONMember(key: "protocol", shape: .text, isRequired: false),
        ])
    ) { name in
        var json: JSONObject = [
            "label": .string(name.label),
            "hostname": .string(name.hostname.description),
            "port": .integer(name.port.number),
        ]
        if name.upstreamProtocol != .http1 {
            json["protocol"] = .string(name.upstreamProtocol.name)
        }
        return .object(json)
    } read: { json, place in
        let hostname = try JSONCodec<Hostname>.hostname.read(
            json["hostname"] ?? .null,
            "\(place).hostname",
        )
        return RouteLabel(
            // Older versions leave the label out; the name begins with it.
            label: json["label"]?.string ?? String(hostname.labels.first ?? ""),
            hostname: hostname,
            port: try JSONCodec<Port>.port.read(json["port"] ?? .null, "\(place).port"),
            upstreamProtocol: json["protocol"]?.string.flatMap { Route.UpstreamProtocol(name: $0) }
                ?? .http1,
        )
    }
}
