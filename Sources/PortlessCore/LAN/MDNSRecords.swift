package import HostSystem

/// Which names are published by multicast DNS, each by a process of its own, and what to do next.
///
/// A value that is given the time: `MDNSPublisher` of Runner carries its actions out.
package struct MDNSRecords: Sendable {
    package typealias Instant = ContinuousClock.Instant

    package enum Action: Hashable, Sendable {
        case start(Hostname, at: IPAddress)
        case stop(Hostname)
    }

    private struct Record {
        var state = MDNSName.State.publishing
        /// What its process publishes; nil while none runs.
        var running: IPAddress?
        var startedAt: Instant?
        var isStopping = false
        var failures = 0
        /// Not before this.
        var nextStart: Instant?
    }

    /// A network isn't to be flooded with names.
    package static let limit = 64
    private static let longestPause = Duration.seconds(30)
    /// A process that lived as long has not failed at its start.
    private static let steady = Duration.seconds(60)

    private var records: [Hostname: Record] = [:]
    private var wanted: [Hostname] = []
    private var address: IPAddress?

    package init() {}

    /// Sets what is to be published; no address means that the machine has left the network.
    package mutating func want(
        _ names: [Hostname],
        at address: IPAddress?,
        now: Instant,
    ) -> [Action] {
        wanted = names
        self.address = address
        return next(at: now)
    }

    /// The process of a name says that it is published, under this or under another name.
    package mutating func established(
        _ name: Hostname,
        as published: String,
        now: Instant,
    ) -> [Action] {
        guard published.lowercased() != name.description else {
            records[name]?.state = .published
            records[name]?.failures = 0
            return []
        }
        // Another name is of no use: the app wouldn't be found under it.
        records[name]?.state = .refused("Another computer has the name.")
        records[name]?.nextStart = now + Self.longestPause
        return stop(name)
    }

    /// The process of a name has ended; `reason` is what it said last.
    package mutating func ended(_ name: Hostname, reason: String, now: Instant) -> [Action] {
        guard var record = records[name] else { return [] }
        let wasStopped = record.isStopping
        record.running = nil
        record.isStopping = false
        if !wasStopped {
            let age = record.startedAt?.duration(to: now) ?? .zero
            record.failures = age >= Self.steady ? 1 : record.failures + 1
            record.state = .refused(reason)
            record.nextStart = now + Self.pause(after: record.failures)
        }
        records[name] = record
        return next(at: now)
    }

    /// What is to be done by now.
    package mutating func next(at now: Instant) -> [Action] {
        let kept = Set(address == nil ? [] : wanted.prefix(Self.limit))
        var actions: [Action] = []
        for (name, record) in records where record.running == nil && !kept.contains(name) {
            records[name] = nil
        }
        for (name, record) in records.sorted(by: { $0.key < $1.key })
        where record.running != nil && (!kept.contains(name) || record.running != address) {
            actions += stop(name)
        }
        guard let address else { return actions }
        for name in wanted.prefix(Self.limit) {
            var record = records[name] ?? Record()
            guard record.running == nil, record.nextStart.map({ $0 <= now }) ?? true else {
                continue
            }
            if record.state == .published { record.state = .publishing }
            record.running = address
            record.startedAt = now
            record.nextStart = nil
            records[name] = record
            actions.append(.start(name, at: address))
        }
        return actions
    }

    /// Ends all of them.
    package mutating func stopAll() -> [Action] {
        wanted = []
        return records.keys.sorted().flatMap { stop($0) }
    }

    private mutating func stop(_ name: Hostname) -> [Action] {
        guard let record = records[name], record.running != nil, !record.isStopping else {
            return []
        }
        records[name]?.isStopping = true
        return [.stop(name)]
    }

    private static func pause(after failures: Int) -> Duration {
        min(.seconds(1 << min(max(failures, 1) - 1, 5)), longestPause)
    }

    /// When the next process is to be started again; nil where none waits.
    package var nextStart: Instant? {
        records.values.filter { $0.running == nil }.compactMap(\.nextStart).min()
    }

    package var status: MDNSStatus {
        MDNSStatus(
            address: address,
            names: wanted.enumerated().map { index, name in
                let state =
                    index >= Self.limit
                    ? .refused("Only \(Self.limit) names are published at once.")
                    : address == nil
                        ? .refused("This machine is in no local network now.")
                        : records[name]?.state ?? .publishing
                return MDNSName(name: name, state: state)
            },
        )
    }
}

/// How a name stands in the local network.
package struct MDNSName: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        case publishing
        case published
        case refused(String)
    }

    package let name: Hostname
    package let state: State

    package init(name: Hostname, state: State) {
        self.name = name
        self.state = state
    }
}

/// What the publisher of a proxy in LAN mode writes down for other commands.
package struct MDNSStatus: Hashable, Sendable {
    package var address: IPAddress?
    package var names: [MDNSName]

    package init(address: IPAddress?, names: [MDNSName]) {
        self.address = address
        self.names = names
    }

    package func state(of name: String) -> MDNSName.State? {
        names.first { $0.name.description == name.lowercased() }?.state
    }
}

extension MDNSStatus {
    /// Nil where the text isn't one.
    init?(_ value: JSONValue) {
        guard let list = value["names"]?.array else { return nil }
        address = value["address"]?.string.flatMap { IPAddress($0) }
        names = list.compactMap { entry in
            guard let name = entry["name"]?.string.flatMap({ Hostname($0) }) else { return nil }
            switch entry["state"]?.string {
            case "published": return MDNSName(name: name, state: .published)
            case "publishing": return MDNSName(name: name, state: .publishing)
            default:
                return MDNSName(name: name, state: .refused(entry["reason"]?.string ?? "unknown"))
            }
        }
    }

    var json: JSONValue {
        .object([
            "address": address.map { .string($0.description) } ?? .null,
            "names": .array(names.map(Self.json)),
        ])
    }

    private static func json(_ name: MDNSName) -> JSONValue {
        var object: JSONObject = ["name": .string(name.name.description)]
        switch name.state {
        case .published: object["state"] = .string("published")
        case .publishing: object["state"] = .string("publishing")
        case .refused(let reason):
            object["state"] = .string("refused")
            object["reason"] = .string(reason)
        }
        return .object(object)
    }
}

extension StateDirectory {
    /// What is published in the local network; nil where no proxy publishes.
    package func mdnsStatus() throws -> MDNSStatus? {
        try text(of: .proxyMDNS).flatMap { try? JSONValue(parsing: $0.utf8) }
            .flatMap { MDNSStatus($0) }
    }

    /// Records what is published, and the address as the original's `proxy.lan` has it.
    package func write(_ status: MDNSStatus) throws {
        try write(status.json.formatted, to: self[.proxyMDNS])
        if let address = status.address {
            try write(address.description, to: self[.proxyLAN])
        } else {
            try FileSystem.removeFile(self[.proxyLAN])
        }
    }
}
