/// The ranges of leases, from `config.json`.
package struct PortSettings: Hashable, Sendable {
    package var ranges: [PortRange]

    package static let standard = PortSettings(
        ranges: [PortRange(literal: 5570, 5599), PortRange(literal: 20000, 29999)]
    )
    /// The ports of Portless and its extensions.
    package static let core = PortRange(literal: 5553, 5569)
    /// Of these, the ones with a meaning of their own.
    package static let coreEndpoints: [CoreEndpoint] = [
        CoreEndpoint(5553, "api-local", of: "server"), CoreEndpoint(5554, "ui", of: "dashboard"),
        CoreEndpoint(5555, "api", of: "server"), .browserDevTools, .browserHealth,
        .jobRunner, .crashWatcher, .crashPage, CoreEndpoint(5561, "db", of: "database"), .dns,
    ]
    /// The Android emulator takes pairs of ports from here, for its console and for adb.
    package static let emulator = PortRange(literal: 5554, 5585)

    package init(ranges: [PortRange]) {
        self.ranges = ranges
    }

    /// Reads the file; without one, or without `ports.ranges` in it, the standard ranges hold.
    package static func read(from directory: StateDirectory) throws -> PortSettings {
        let path = directory[.configuration]
        guard let text = try directory.text(of: path) else { return standard }
        do {
            let json = try JSONValue(parsing: text.utf8)
            return try PortSettings(json)
        } catch let error as JSONSyntaxError {
            throw LeaseError.invalidSettings(path, reason: error.description)
        } catch let error as Problem {
            throw LeaseError.invalidSettings(path, reason: error.reason)
        }
    }

    private struct Problem: Error {
        var reason: String
    }

    private init(_ json: JSONValue) throws(Problem) {
        guard json.object != nil else { throw Problem(reason: "it has to be an object") }
        guard let ports = json["ports"] else {
            self = .standard
            return
        }
        guard let object = ports.object else {
            throw Problem(reason: "\"ports\" has to be an object")
        }
        if let unknown = object.members.first(where: { $0.key != "ranges" }) {
            throw Problem(reason: "\"ports.\(unknown.key)\" is unknown; \"ports.ranges\" is not")
        }
        guard let ranges = ports["ranges"] else {
            self = .standard
            return
        }
        guard let entries = ranges.array, !entries.isEmpty else {
            throw Problem(reason: "\"ports.ranges\" has to be a list such as [\"5570-5599\"]")
        }
        var result: [PortRange] = []
        for entry in entries {
            let range = try Self.range(entry)
            if let other = result.first(where: { $0.overlaps(range) }) {
                throw Problem(reason: "the port ranges \(other) and \(range) overlap")
            }
            result.append(range)
        }
        self.ranges = result
    }

    private static func range(_ entry: JSONValue) throws(Problem) -> PortRange {
        guard let text = entry.string else {
            throw Problem(reason: "a port range has to be a text such as \"5570-5599\"")
        }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
            .map { Port($0.trimmingBlanks) }
        guard ends.count == 2, let first = ends[0], let last = ends[1],
            let range = PortRange(first: first, last: last)
        else { throw Problem(reason: "\"\(text)\" is not a port range such as \"5570-5599\"") }
        guard first >= 1024 else {
            throw Problem(
                reason: "the port range \(range) begins below 1024, where only root listens"
            )
        }
        guard !range.overlaps(core) else {
            throw Problem(
                reason: "the port range \(range) overlaps \(core), which Portless needs itself"
            )
        }
        return range
    }
}

/// A port of Portless itself, from PortOS's table.
package struct CoreEndpoint: Hashable, Sendable {
    package let port: Port
    package let label: String
    package let owner: String
    /// The variable that moves it to another port.
    package let variable: String?

    fileprivate init(_ port: Port, _ label: String, of owner: String, variable: String? = nil) {
        self.port = port
        self.label = label
        self.owner = owner
        self.variable = variable
    }

    package static let browserDevTools = CoreEndpoint(
        5556,
        "cdp",
        of: "managed browser",
        variable: "PORTLESS_CDP_PORT",
    )
    package static let browserHealth = CoreEndpoint(
        5557,
        "health",
        of: "managed browser",
        variable: "PORTLESS_CDP_HEALTH_PORT",
    )
    package static let dns = CoreEndpoint(5562, "dns", of: "proxy")
    package static let jobRunner = CoreEndpoint(
        5558,
        "api",
        of: "job runner",
        variable: "PORTLESS_JOBS_PORT",
    )
    package static let crashWatcher = CoreEndpoint(
        5559,
        "api",
        of: "crash watcher",
        variable: "PORTLESS_CRASHES_PORT",
    )
    package static let crashPage = CoreEndpoint(
        5560,
        "ui",
        of: "crash watcher",
        variable: "PORTLESS_CRASHES_UI_PORT",
    )
}

/// A part of the server with ports of its own, which open when it is first used.
package enum Feature: String, CaseIterable, Sendable {
    case jobs
    case crashes

    package var endpoints: [CoreEndpoint] {
        switch self {
        case .jobs: [.jobRunner]
        case .crashes: [.crashWatcher, .crashPage]
        }
    }
}
