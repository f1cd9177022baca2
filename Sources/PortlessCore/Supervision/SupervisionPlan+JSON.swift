import HostSystem
import SystemPackage

// Each member of a plan stands here once: it is written, read and described by these lists alone.

extension SupervisionPlan {
    private static let fields: [PlanField<SupervisionPlan>] = [
        .required("app", \.app, .appName),
        .required("directory", \.directory, .path),
        .required("processes", \.processes, .list(of: .process)),
        .group(
            "log",
            [
                .defaulted("size", \.logSize, .number(in: 1024...Int64.max)),
                .defaulted("count", \.logCount, .count(atMost: 100)),
            ],
        ),
    ]

    /// What a plan has, for those who describe it.
    package static var members: [PlanMember] {
        [PlanMember(key: "version", shape: .count, isRequired: false)] + fields.map(\.member)
    }

    /// The content of `plan.json`, and what the command line hands to the server.
    package var json: JSONValue {
        var object: JSONObject = ["version": .integer(1)]
        for (key, value) in PlanField.write(self, Self.fields).members { object[key] = value }
        return .object(object)
    }

    /// Reads what `json` wrote; the error says in a few words what is wrong.
    package init(json: JSONValue) throws {
        guard let object = json.object else { throw PlanProblem("plan", "an object") }
        let app = try PlanForm<AppName>.appName.read(object["app"] ?? .null, "plan.app")
        self.init(app: app, directory: "/", processes: [])
        for field in Self.fields { try field.read(object, "plan", &self) }
        let names = processes.map(\.name)
        guard Set(names).count == names.count else {
            throw PlanProblem("plan.processes", "a list in which no name is there twice")
        }
    }
}

extension PlanForm<PlannedProcess> {
    static let process = object(
        [
            .required("name", \.name, .processName),
            .required("command", \.command, .command),
            .required("directory", \.directory, .path),
            .defaulted("environment", \.environment, .variables),
            .defaulted("inherited", \.inherited, .variables),
            .defaulted("ports", \.ports, .ports),
            .optional("primaryPort", \.primaryPort, .port),
            .defaulted("hostnames", \.names.own, .list(of: .hostname)),
            .defaulted("otherNames", \.names.labels, .list(of: .label)),
            .defaulted("urls", \.urls, .texts),
            .defaulted("restart", \.restart, .restart),
            .defaulted("killTimeout", \.killTimeout, .milliseconds),
            .optional("memoryLimit", \.memoryLimit, .bytes),
            .optional("outputFile", \.outputFile, .path),
            .optional("errorFile", \.errorFile, .path),
            .defaulted("dependencies", \.dependencies, .texts),
        ],
        blank: PlannedProcess(name: "", command: [], directory: "/", environment: [:]),
    )
}

extension PlanForm<RestartSettings> {
    fileprivate static let restart = object(
        [
            .defaulted("automatic", \.isAutomatic, .flag),
            .defaulted("limit", \.limit, .count(atMost: 1_000_000)),
            .defaulted("minimumUptime", \.minimumUptime, .milliseconds),
            .defaulted("delay", \.delay, .milliseconds),
            .optional("backoff", \.backoff, .milliseconds),
            .defaulted("finalCodes", \.finalCodes, .codes),
        ],
        blank: RestartSettings(),
    )
}

extension PlanForm<RouteLabel> {
    fileprivate static let label = PlanForm(
        .object([
            PlanMember(key: "label", shape: .text, isRequired: false),
            PlanMember(key: "hostname", shape: .text, isRequired: true),
            PlanMember(key: "port", shape: .port, isRequired: true),
        ])
    ) { name in
        .object([
            "label": .string(name.label),
            "hostname": .string(name.hostname.description),
            "port": .integer(name.port.number),
        ])
    } read: { json, place in
        let hostname = try PlanForm<Hostname>.hostname.read(
            json["hostname"] ?? .null,
            "\(place).hostname",
        )
        return RouteLabel(
            // Older versions leave the label out, with which the name begins.
            label: json["label"]?.string ?? String(hostname.labels.first ?? ""),
            hostname: hostname,
            port: try PlanForm<Port>.port.read(json["port"] ?? .null, "\(place).port"),
        )
    }
}
