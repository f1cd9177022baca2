/// What a watcher asks of the proxy, as a line of JSON on `proxy.traffic.sock`.
package enum TrafficRequest: Hashable, Sendable {
    /// The last records, as many `record`s, and then `listed`.
    case list(last: Int)
    /// A record with its headers and bodies; secrets are hidden unless they are asked for.
    case details(id: Int64, reveals: Bool)
    /// From now on, headers and bodies of a host (or `*`, all hosts) are recorded for this watcher.
    case inspect(host: String, isOn: Bool)
    /// How the ports of apps are used now.
    case uses

    package var json: JSONValue {
        switch self {
        case .list(let last): .object(["list": .integer(last)])
        case .details(let id, let reveals):
            .object(["details": .integer(id), "reveal": .bool(reveals)])
        case .inspect(let host, let isOn):
            .object(["inspect": .string(host), "on": .bool(isOn)])
        case .uses: .object(["uses": .bool(true)])
        }
    }

    package init?(json: JSONValue) {
        if let last = json["list"]?.integer {
            self = .list(last: max(0, last))
        } else if let id = json["details"]?.integer(as: Int64.self) {
            self = .details(id: id, reveals: json["reveal"]?.bool ?? false)
        } else if let host = json["inspect"]?.string, let isOn = json["on"]?.bool {
            self = .inspect(host: host.lowercased(), isOn: isOn)
        } else if json["uses"]?.bool == true {
            self = .uses
        } else {
            return nil
        }
    }
}

/// What the proxy tells a watcher, as a line of JSON.
package enum TrafficEvent: Hashable, Sendable {
    /// The first line: which process of the proxy it is, its version, and the hosts inspected now.
    case hello(proxy: String, version: String, inspecting: [String])
    /// A record has begun or changed.
    case record(TrafficRecord)
    /// The watcher reads too slowly, and didn't get this many changes.
    case lost(Int)
    /// The hosts that any watcher inspects are others now.
    case inspecting([String])
    /// The records of a `list` are complete.
    case listed
    case details(TrafficDetails)
    /// There is no record of this number any more.
    case missing(id: Int64)
    case uses(PortUses)

    package var json: JSONValue {
        switch self {
        case .hello(let proxy, let version, let hosts):
            .object([
                "hello": .string(proxy), "version": .string(version),
                "hosts": .array(hosts.map { .string($0) }),
            ])
        case .record(let record): .object(["record": record.json])
        case .lost(let count): .object(["lost": .integer(count)])
        case .inspecting(let hosts):
            .object(["inspecting": .array(hosts.map { .string($0) })])
        case .listed: .object(["listed": .bool(true)])
        case .details(let details): .object(["details": details.json])
        case .missing(let id): .object(["missing": .integer(id)])
        case .uses(let uses): uses.json
        }
    }

    package init?(json: JSONValue) {
        if let record = json["record"].flatMap({ TrafficRecord(json: $0) }) {
            self = .record(record)
        } else if let count = json["lost"]?.integer {
            self = .lost(max(0, count))
        } else if let hosts = json["inspecting"]?.array {
            self = .inspecting(hosts.compactMap(\.string))
        } else if let proxy = json["hello"]?.string {
            self = .hello(
                proxy: proxy,
                version: json["version"]?.string ?? "",
                inspecting: json["hosts"]?.array?.compactMap(\.string) ?? [],
            )
        } else if json["listed"]?.bool == true {
            self = .listed
        } else if let details = json["details"].flatMap({ TrafficDetails(json: $0) }) {
            self = .details(details)
        } else if let id = json["missing"]?.integer(as: Int64.self) {
            self = .missing(id: id)
        } else if let uses = PortUses(json: json) {
            self = .uses(uses)
        } else {
            return nil
        }
    }
}
