package import HostSystem
package import SystemPackage

/// The content of `routes.json`: the entries, and other elements between them.
struct RoutesDocument: Hashable {
    private enum Element: Hashable {
        case entry(RouteEntry)
        /// An unknown element, which is kept.
        case other(JSONValue)
    }

    private var elements: [Element] = []

    init() {}

    init(parsing bytes: [UInt8]) throws(RoutesFileProblem) {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes)
        } catch {
            throw .invalidJSON(error)
        }
        guard let array = value.array else { throw .notAList(found: value.kind) }
        for value in array {
            if let entry = RouteEntry(value) {
                elements.append(.entry(entry))
            } else if let key = RouteEntry.damagedNumber(in: value) {
                let hostname = value["hostname"]?.string ?? ""
                throw .impossibleNumber(hostname: hostname, key: key)
            } else {
                elements.append(.other(value))
            }
        }
    }

    var entries: [RouteEntry] {
        elements.compactMap { if case .entry(let entry) = $0 { entry } else { nil } }
    }

    mutating func append(_ entry: RouteEntry) {
        elements.append(.entry(entry))
    }

    /// Removes the entries that `isUnwanted` picks, and returns them.
    mutating func remove(where isUnwanted: (RouteEntry) -> Bool) -> [RouteEntry] {
        let removed = entries.filter(isUnwanted)
        elements.removeAll { if case .entry(let entry) = $0 { isUnwanted(entry) } else { false } }
        return removed
    }

    mutating func change(
        where isMeant: (RouteEntry) -> Bool,
        _ change: (inout RouteEntry) -> Void,
    ) {
        elements = elements.map { element in
            guard case .entry(var entry) = element, isMeant(entry) else { return element }
            change(&entry)
            return .entry(entry)
        }
    }

    var text: String {
        JSONValue.array(
            elements.map {
                switch $0 {
                case .entry(let entry): .object(entry.json)
                case .other(let value): value
                }
            }
        ).formatted
    }
}

/// One entry of `routes.json`, with the fields that other versions wrote into it.
package struct RouteEntry: Hashable, Sendable {
    package private(set) var json: JSONObject

    /// Nil unless the three fields are there that make an entry.
    init?(_ value: JSONValue) {
        guard let object = value.object, object["hostname"]?.string != nil,
            object["port"]?.integer != nil,
            let pid = object["pid"]?.integer(as: Int32.self), pid >= 0
        else { return nil }
        json = object
    }

    /// The field of an entry with an impossible number, which shows that the file is damaged.
    static func damagedNumber(in value: JSONValue) -> String? {
        guard value["hostname"]?.string != nil else { return nil }
        return ["port", "pid"].first { key in
            guard case .number? = value[key] else { return false }
            return value[key]?.integer(as: Int32.self) == nil
        }
    }

    package init(_ route: Route) {
        json = [
            "hostname": .string(route.hostname.description),
            // The original needs a number; nothing can listen on 0.
            "port": .integer(route.port?.rawValue ?? 0),
        ]
        switch route.owner {
        case .alias: json["pid"] = .integer(0)
        case .process(let process): process.write(to: &json)
        }
        json["pathPrefix"] = (route.path?.prefix).map(JSONValue.string)
        json["stripPath"] = route.path?.isStripped == true ? .bool(true) : nil
        if case .socket(let path) = route.place { json["socket"] = .string(path.string) }
        upstreamProtocol = route.upstreamProtocol
        worktree = route.worktree
        json["heldBy"] = route.heldBy.map(JSONValue.string)
        container = route.container
        json["upstreamHost"] = route.upstreamHost.map { .string($0.description) }
    }

    package var hostname: String { json["hostname"]?.string ?? "" }
    package var port: Port? { json["port"]?.integer.flatMap { Port($0) } }
    package var pid: Int32 { json["pid"]?.integer(as: Int32.self) ?? 0 }
    package var isAlias: Bool { pid == 0 }

    package var owner: Route.Owner {
        guard !isAlias, let process = ProcessIdentity(entry: json) else { return .alias }
        return .process(process)
    }

    package var upstreamProtocol: Route.UpstreamProtocol {
        get {
            let tls = UpstreamTLS(
                serverName: json["serverName"]?.string,
                isInsecure: json["insecure"]?.bool ?? false,
            )
            return json["protocol"]?.string.flatMap {
                Route.UpstreamProtocol(name: $0, tls: tls)
            } ?? .http1
        }
        set {
            json["protocol"] = newValue == .http1 ? nil : .string(newValue.name)
            let tls: UpstreamTLS? = if case .https(let tls) = newValue { tls } else { nil }
            json["serverName"] = (tls?.serverName).map(JSONValue.string)
            json["insecure"] = tls?.isInsecure == true ? .bool(true) : nil
        }
    }

    /// The Unix domain socket that the name leads to in place of a port.
    package var socket: FilePath? {
        guard let text = json["socket"]?.string, text.hasPrefix("/"), !text.contains("\0") else {
            return nil
        }
        return FilePath(text)
    }

    /// The path that the entry is for, as it is written there; empty for the whole host.
    package var pathPrefix: String { json["pathPrefix"]?.string ?? "" }

    /// Nil where no app can be routed by what the entry says; within it, nil is the whole host.
    private var path: RoutePath?? {
        guard let value = json["pathPrefix"] else { return .some(nil) }
        do {
            return try value.string.map { text in
                try RoutePath(parsing: text, isStripped: json["stripPath"]?.bool ?? false)
            }
        } catch {
            return nil
        }
    }

    /// What the names of a git worktree have in front of those in the main checkout.
    package var worktree: String? {
        get { json["worktree"]?.string }
        set { json["worktree"] = newValue.map(JSONValue.string) }
    }

    /// The label of the port that an additional name leads to; nil for an app's own names.
    ///
    /// An app of that name takes it over.
    package var label: String? {
        get { json["label"]?.string }
        set { json["label"] = newValue.map(JSONValue.string) }
    }

    /// The container whose published port the name leads to; nil for the names of apps.
    ///
    /// An app of that name takes it over.
    package var container: String? {
        get { json["container"]?.string }
        set { json["container"] = newValue.map(JSONValue.string) }
    }

    /// Where the container's port is published, if other computers reach it there.
    package var exposedAddress: String? {
        get { json["containerAddress"]?.string }
        set { json["containerAddress"] = newValue.map(JSONValue.string) }
    }

    /// The other machine that the name was mirrored from; an app of that name takes it over.
    package var remote: String? {
        get { json["remote"]?.string }
        set { json["remote"] = newValue.map(JSONValue.string) }
    }

    /// Whether an app of that name takes it over without a conflict.
    package var givesWay: Bool { label != nil || container != nil || remote != nil }

    /// Sets a field of this file's own extensions; nil removes it.
    mutating func setField(_ name: String, _ value: JSONValue?) { json[name] = value }

    /// Records the group of the command that a run has started, by its leader: the original's
    /// `prune` and runs end what a dead run has left by these fields.
    package mutating func setChild(_ leader: ProcessIdentity) {
        json["childPgid"] = .integer(leader.pid)
        json["childStartTime"] = leader.startText.map(JSONValue.string)
    }

    /// The leader of that group, if this very process still leads it.
    package var childLeader: ProcessIdentity? {
        guard let pid = json["childPgid"]?.integer(as: Int32.self),
            let startText = json["childStartTime"]?.string,
            let leader = ProcessIdentity.of(pid: pid), leader.startText == startText,
            ProcessGroup.id(of: pid) == pid,
            case .process(let owner) = owner,
            owner.boot == nil || owner.boot == leader.boot,
            owner.namespace == nil || owner.namespace == leader.namespace
        else { return nil }
        return leader
    }

    /// Whether the owner runs in another PID namespace, where its PID means another process.
    package var isElsewhere: Bool {
        guard case .process(let process) = owner else { return false }
        return process.standing == .elsewhere
    }

    /// The folder in which the owner runs; nil where it isn't known, or tells nothing.
    ///
    /// The PID of a process in another container is another process's here.
    var folder: FilePath? {
        guard !isAlias, !isElsewhere,
            // A daemon is in the root directory, which tells nothing of its app.
            let folder = ProcessDetails.workingDirectory(of: pid), folder != "/"
        else { return nil }
        return folder
    }

    private var place: Route.Place? {
        socket.map(Route.Place.socket) ?? port.map(Route.Place.port)
    }

    /// Nil if the name, the path or the port is impossible.
    package var route: Route? {
        guard let hostname = Hostname(hostname), let place, let path else { return nil }
        return Route(
            hostname: hostname,
            path: path,
            at: place,
            owner: owner,
            upstreamProtocol: upstreamProtocol,
            sharedAuthorities: addresses.compactMap { Self.authority(of: $0.url) },
            heldBy: json["heldBy"]?.string,
            worktree: worktree,
            container: container,
            upstreamHost: json["upstreamHost"]?.string.flatMap { Hostname($0) },
        )
    }

    /// Moves the route to the port that its app really listens on.
    package mutating func move(to port: Port) {
        json["port"] = .integer(port.rawValue)
    }

    func isAlive(_ isAlive: (ProcessIdentity) -> Bool) -> Bool {
        switch owner {
        case .alias: true
        case .process(let process): isAlive(process)
        }
    }

    /// Nil stands for any owner.
    func isOwned(by owner: Route.Owner?) -> Bool {
        switch (owner, self.owner) {
        case (nil, _), (.alias, .alias): true
        case (.process(let expected), .process(let actual)):
            expected.isCompatible(with: actual)
        default: false
        }
    }

    /// Whether this process may be the owner.
    package func isOwned(by process: ProcessIdentity?) -> Bool {
        process.map { isOwned(by: Route.Owner.process($0)) } ?? false
    }

    func matches(_ hostname: Hostname) -> Bool {
        self.hostname.lowercased() == hostname.description
    }

    /// Whether the entry is the one for this path of a host, nil being the whole of it.
    func matches(_ hostname: Hostname, _ path: RoutePath?) -> Bool {
        matches(hostname) && (self.path ?? nil)?.prefix == path?.prefix
    }

    /// `host` or `host:port` of a URL.
    private static func authority(of url: String) -> String? {
        let rest = url.split(separator: "://", maxSplits: 1).last ?? ""
        let authority = rest.prefix { !"/?#".contains($0) }
        return authority.isEmpty ? nil : authority.lowercased()
    }
}
