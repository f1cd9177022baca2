import HostSystem
import SystemPackage

/// The leases of a state directory, changed under a lock, so that two callers never share a port.
package struct LeaseStore: Sendable {
    package let directory: StateDirectory

    package init(directory: StateDirectory) {
        self.directory = directory
    }

    /// All leases by the name of their app, read without the lock.
    package func list() throws -> [PortLease] {
        try read().leases.sorted { $0.app < $1.app }
    }

    /// Leases ports by the plan; `isFree` is called under the lock.
    ///
    /// A linked worktree is recorded, so that its ports can be released once it is gone.
    package func lease(
        _ requests: [LeaseRequest],
        for app: AppName,
        by plan: PortPlan,
        mayMove: Bool = false,
        in worktree: PortLease.Worktree? = nil,
        isFree: (Port) throws -> Bool,
    ) throws -> (lease: PortLease, change: PortPlan.Change) {
        try FileLock.withLock(at: directory[.leasesLock], owner: directory.owner) {
            var document = try read()
            var result = try plan.lease(
                requests,
                for: app,
                among: document.leases,
                mayMove: mayMove,
                isFree: isFree,
            )
            let known = document.leases.first { $0.app == app }?.worktree
            result.lease.worktree = worktree ?? known
            if result.change != .unchanged || result.lease.worktree != known {
                document.set(result.lease)
                try write(document)
            }
            return result
        }
    }

    /// Releases an app's ports; nil if it has none.
    @discardableResult
    package func release(_ app: AppName) throws -> PortLease? {
        try FileLock.withLock(at: directory[.leasesLock], owner: directory.owner) {
            var document = try read()
            guard let lease = document.leases.first(where: { $0.app == app }) else { return nil }
            document.remove(app)
            try write(document)
            return lease
        }
    }

    /// Records where the worktree of an app's block is now, as after `git worktree move`.
    package func record(_ worktree: PortLease.Worktree, of app: AppName) throws {
        // Mostly it is known, and then nothing is locked.
        guard let lease = try list().first(where: { $0.app == app }), lease.worktree != worktree
        else { return }
        try FileLock.withLock(at: directory[.leasesLock], owner: directory.owner) {
            var document = try read()
            guard var lease = document.leases.first(where: { $0.app == app }) else { return }
            lease.worktree = worktree
            document.set(lease)
            try write(document)
        }
    }

    /// Releases the blocks of linked worktrees whose folder is gone, unless `isKept`.
    package func releaseGone(isKept: (AppName) -> Bool) throws -> [PortLease] {
        // Mostly there are none, and then nothing is locked.
        guard try list().contains(where: { $0.worktree?.isGone == true }) else { return [] }
        return try FileLock.withLock(at: directory[.leasesLock], owner: directory.owner) {
            var document = try read()
            let gone = document.leases.filter { $0.worktree?.isGone == true && !isKept($0.app) }
            for lease in gone { document.remove(lease.app) }
            if !gone.isEmpty { try write(document) }
            return gone
        }
    }

    private func read() throws -> LeasesDocument {
        do {
            let bytes = try AtomicFile.readIfPresent(directory[.leases])
            return try bytes.map(LeasesDocument.init(parsing:)) ?? LeasesDocument()
        } catch let error as LeasesDocument.Problem {
            throw LeaseError.unreadable(directory[.leases], reason: error.reason)
        } catch let error as JSONSyntaxError {
            throw LeaseError.unreadable(directory[.leases], reason: error.description)
        }
    }

    private func write(_ document: LeasesDocument) throws {
        try directory.write(document.text, to: directory[.leases])
    }
}

/// The content of `ports.json`; fields that this version doesn't know survive.
struct LeasesDocument: Equatable {
    /// Why a text is no such content.
    struct Problem: Error {
        var reason: String
    }

    private var json: JSONObject

    init() {
        json = ["version": .integer(1), "leases": .object([:])]
    }

    init(parsing bytes: [UInt8]) throws {
        guard let object = try JSONValue(parsing: bytes).object else {
            throw Problem(reason: "it has to be an object")
        }
        json = object
        guard let leases = json["leases"] else { return }
        guard let entries = leases.object else {
            throw Problem(reason: "\"leases\" has to be an object")
        }
        for (name, value) in entries.members where Self.lease(name, value) == nil {
            throw Problem(
                reason: "the lease of \"\(name)\" is not a list of consecutive labeled ports"
            )
        }
    }

    var leases: [PortLease] {
        (json["leases"]?.object?.members ?? []).compactMap { Self.lease($0.key, $0.value) }
    }

    var text: String { JSONValue.object(json).formatted + "\n" }

    mutating func set(_ lease: PortLease) {
        var leases = json["leases"]?.object ?? JSONObject()
        var entry = leases[lease.app.description]?.object ?? JSONObject()
        let known = entry["ports"]?.array ?? []
        entry["ports"] = .array(
            lease.ports.map { leased in
                var object =
                    known.first { $0["label"]?.string == leased.label }?.object ?? JSONObject()
                object["label"] = .string(leased.label)
                object["port"] = .integer(leased.port.number)
                object["description"] = leased.description.map { .string($0) }
                return .object(object)
            }
        )
        entry["worktree"] = lease.worktree.map { worktree in
            .object([
                "folder": .string(worktree.folder.string),
                "repository": .string(worktree.repository.string),
            ])
        }
        leases[lease.app.description] = .object(entry)
        json["leases"] = .object(leases)
    }

    mutating func remove(_ app: AppName) {
        var leases = json["leases"]?.object ?? JSONObject()
        leases[app.description] = nil
        json["leases"] = .object(leases)
    }

    private static func lease(_ name: String, _ value: JSONValue) -> PortLease? {
        guard let app = try? AppName(parsing: name), let entries = value["ports"]?.array else {
            return nil
        }
        let ports = entries.compactMap { entry -> LeasedPort? in
            guard let label = entry["label"]?.string, Label(label) != nil,
                let port = entry["port"]?.integer.flatMap({ Port($0) })
            else { return nil }
            return LeasedPort(label: label, port: port, description: entry["description"]?.string)
        }
        guard ports.count == entries.count else { return nil }
        var lease = PortLease(app: app, ports: ports)
        if let folder = value["worktree"]?["folder"]?.string,
            let repository = value["worktree"]?["repository"]?.string
        {
            lease?.worktree = PortLease.Worktree(
                folder: FilePath(folder),
                repository: FilePath(repository),
            )
        }
        return lease
    }
}
