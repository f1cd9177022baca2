package import HostSystem
package import SystemPackage

/// The routes of a state directory, changed under the lock that the original takes too.
///
/// Every change first drops the entries whose processes have ended. Processes that a change displaces
/// are returned; this type sends no signal.
package struct RoutesStore: Sendable {
    package let directory: StateDirectory
    private let isAlive: @Sendable (ProcessIdentity) -> Bool
    private let lock: RoutesLock
    /// The file is incomplete for an instant while another program writes in place.
    private static let readAttempts = 10
    private static let readPause = Duration.milliseconds(25)
    private static let lockAttempts = 5

    package init(
        directory: StateDirectory,
        isAlive: @escaping @Sendable (ProcessIdentity) -> Bool = { $0.isAlive },
    ) {
        self.init(lock: RoutesLock(directory: directory), isAlive: isAlive)
    }

    init(
        lock: RoutesLock,
        isAlive: @escaping @Sendable (ProcessIdentity) -> Bool = { $0.isAlive },
    ) {
        directory = lock.directory
        self.lock = lock
        self.isAlive = isAlive
    }

    /// The entries whose owners live, read without the lock.
    package func list() throws -> [RouteEntry] {
        try read().entries.filter { $0.isAlive(isAlive) }
    }

    /// The entries whose owners have ended, read without the lock.
    package func dead() throws -> [RouteEntry] {
        try read().entries.filter { !$0.isAlive(isAlive) }
    }

    /// Registers all names with one port, or none of them; see `register(_:owner:holders:force:)`.
    package func register(
        _ hostnames: [Hostname],
        owner: Route.Owner,
        upstreamProtocol: Route.UpstreamProtocol = .http1,
        labels: [RouteLabel] = [],
        holders: [Port: String] = [:],
        force: Bool = false,
        choosingPort: (_ taken: Set<Port>) throws -> Port,
    ) throws -> RouteRegistration {
        var names = RouteNames(own: hostnames, labels: labels)
        names.upstreamProtocol = upstreamProtocol
        return try register(
            names,
            owner: owner,
            holders: holders,
            force: force,
            choosingPort: choosingPort,
        )
    }

    /// Registers all names of a process with one port, or none of them.
    ///
    /// Its labels are the names of the owner's other ports; those that are another app's own name are left
    /// out. `holders` are the programs that have ports for which the owner waits. `choosingPort` gets
    /// the ports of all other routes and runs under the lock, so that two callers never choose the
    /// same port.
    package func register(
        _ names: RouteNames,
        owner: Route.Owner,
        holders: [Port: String] = [:],
        force: Bool = false,
        choosingPort: (_ taken: Set<Port>) throws -> Port,
    ) throws -> RouteRegistration {
        try change { document in
            let previous = try makeRoom(for: names, owner: owner, force: force, in: &document)
            let port = try choosingPort(Set(document.entries.compactMap(\.port)))
            append(names, at: .port(port), owner: owner, heldBy: holders[port], to: &document)
            var missing: [Hostname] = []
            for label in names.labels {
                let route = Route(
                    hostname: label.hostname,
                    port: label.port,
                    owner: owner,
                    upstreamProtocol: label.upstreamProtocol,
                    heldBy: holders[label.port],
                    worktree: names.worktree,
                )
                if !append(route, label: label.label, to: &document) {
                    missing.append(label.hostname)
                }
            }
            return RouteRegistration(
                port: port,
                displaced: processes(of: previous, otherThan: owner),
                missing: missing,
            )
        }
    }

    /// Registers names for what listens on a Unix domain socket, or none of them.
    ///
    /// - Returns: the processes that had some of the names; the caller ends them.
    package func registerAlias(
        _ names: RouteNames,
        socket: FilePath,
        force: Bool,
    ) throws -> [ProcessIdentity] {
        try change { document in
            let previous = try makeRoom(for: names, owner: .alias, force: force, in: &document)
            append(names, at: .socket(socket), owner: .alias, heldBy: nil, to: &document)
            return processes(of: previous, otherThan: .alias)
        }
    }

    /// Removes the entries that the names replace, and returns them; throws if they are others'.
    private func makeRoom(
        for names: RouteNames,
        owner: Route.Owner,
        force: Bool,
        in document: inout RoutesDocument,
    ) throws -> [RouteEntry] {
        let previous = document.remove { entry in
            names.own.contains { entry.matches($0, names.path) }
        }
        if !force {
            try checkConflicts(of: previous, names: names, owner: owner)
        }
        return previous
    }

    private func append(
        _ names: RouteNames,
        at place: Route.Place,
        owner: Route.Owner,
        heldBy: String?,
        to document: inout RoutesDocument,
    ) {
        for hostname in names.own {
            let route = Route(
                hostname: hostname,
                path: names.path,
                at: place,
                owner: owner,
                upstreamProtocol: names.upstreamProtocol,
                heldBy: heldBy,
                worktree: names.worktree,
            )
            document.append(RouteEntry(route))
        }
    }

    /// False if an app has that name.
    private func append(
        _ route: Route,
        label: String,
        to document: inout RoutesDocument,
    ) -> Bool {
        let isTaken = document.entries.contains { entry in
            entry.matches(route.hostname, nil) && entry.container == nil && entry.remote == nil
                && (entry.label == nil || !entry.isOwned(by: route.owner))
        }
        guard !isTaken else { return false }
        _ = document.remove { $0.matches(route.hostname, nil) }
        var entry = RouteEntry(route)
        entry.label = label
        document.append(entry)
        return true
    }

    /// Changes the entries of names that have one; with an owner, only those that are its own.
    ///
    /// `paths` picks among the entries of a name.
    package func update(
        _ hostnames: [Hostname],
        _ paths: PathSelection = .whole,
        ownedBy owner: Route.Owner? = nil,
        _ change: (inout RouteEntry) -> Void,
    ) throws {
        try self.change { document in
            document.change(
                where: { entry in
                    entry.isOwned(by: owner) && hostnames.contains { paths.picks(entry, of: $0) }
                },
                change,
            )
        }
    }

    /// Removes the entries of these names and returns them.
    ///
    /// With an owner only its own entries, so that a displaced owner doesn't remove its successor's.
    @discardableResult
    package func remove(
        _ hostnames: [Hostname],
        _ paths: PathSelection = .whole,
        ownedBy owner: Route.Owner?,
    ) throws -> [RouteEntry] {
        try change { document in
            document.remove { entry in
                entry.isOwned(by: owner) && hostnames.contains { paths.picks(entry, of: $0) }
            }
        }
    }

    /// Drops the entries whose owners have ended, and returns them.
    @discardableResult
    package func prune() throws -> [RouteEntry] {
        try transaction { document in document.remove { !$0.isAlive(isAlive) } }
    }

    /// Makes these names the only ones that lead to containers, all of them `owner`'s.
    ///
    /// Returns the names that an app or an alias has, which keeps them. An unchanged file is only read.
    @discardableResult
    package func setContainers(
        _ names: [ContainerRoute],
        owner: ProcessIdentity,
    ) throws -> Set<Hostname> {
        func apply(to document: inout RoutesDocument) -> Set<Hostname> {
            // An app that has a part of the paths leaves the rest.
            let foreign = document.entries.filter { $0.container == nil && $0.pathPrefix.isEmpty }
            let taken = Set(foreign.compactMap { Hostname($0.hostname) })
            let free = names.filter { !taken.contains($0.hostname) }
            let wanted = free.map { $0.entry(ownedBy: owner) }
            if document.entries.filter({ $0.container != nil }) != wanted {
                _ = document.remove { $0.container != nil }
                for entry in wanted { document.append(entry) }
            }
            return taken.intersection(names.map(\.hostname))
        }
        let before = try read()
        var after = before
        let taken = apply(to: &after)
        guard after != before else { return taken }
        return try change { apply(to: &$0) }
    }

    private func checkConflicts(
        of previous: [RouteEntry],
        names: RouteNames,
        owner: Route.Owner,
    ) throws {
        for entry in previous where !entry.isOwned(by: owner) && !entry.givesWay {
            guard let hostname = names.own.first(where: entry.matches) else { continue }
            throw entry.isAlias
                ? RoutesError.isAlias(hostname, path: names.path)
                : RoutesError.alreadyRegistered(
                    hostname,
                    path: names.path,
                    pid: entry.pid,
                    // A daemon is in the root directory, which tells nothing of its app.
                    folder: entry.folder,
                )
        }
    }

    /// The owners in this PID namespace, which a signal can reach.
    private func processes(
        of entries: [RouteEntry],
        otherThan owner: Route.Owner,
    ) -> [ProcessIdentity] {
        let own = ProcessIdentity.current.namespace
        var result: [ProcessIdentity] = []
        for entry in entries where !entry.isOwned(by: owner) && !entry.givesWay {
            guard case .process(let process) = entry.owner, !result.contains(process),
                process.namespace == nil || process.namespace == own
            else { continue }
            result.append(process)
        }
        return result
    }

    func change<Result>(
        _ body: (inout RoutesDocument) throws -> Result
    ) throws -> Result {
        try transaction { document in
            _ = document.remove { !$0.isAlive(isAlive) }
            return try body(&document)
        }
    }

    /// Reads, changes and writes under the lock; starts again if the lock was lost.
    private func transaction<Result>(
        _ body: (inout RoutesDocument) throws -> Result
    ) throws -> Result {
        for _ in 0..<Self.lockAttempts {
            let result: Result? = try lock.withLock { hold in
                let before = try read()
                var document = before
                let result = try body(&document)
                guard hold.isIntact else { return nil }
                if document != before { try write(document) }
                return result
            }
            if let result { return result }
        }
        throw RoutesError.lockLost(directory[.routesLock])
    }

    private func read() throws -> RoutesDocument {
        var problem: RoutesFileProblem?
        for attempt in 0..<Self.readAttempts {
            if attempt > 0 { SystemClock.sleep(for: Self.readPause) }
            do {
                let bytes = try AtomicFile.readIfPresent(directory[.routes])
                return try bytes.map(RoutesDocument.init(parsing:)) ?? RoutesDocument()
            } catch let error as RoutesFileProblem {
                problem = error
            }
        }
        throw RoutesError.unreadable(directory[.routes], reason: problem?.description ?? "empty")
    }

    private func write(_ document: RoutesDocument) throws {
        let bytes = document.text.utf8
        if try directory.proxyMarkers().isOriginalRunning(isAlive: isAlive) {
            try AtomicFile.writeInPlace(bytes, to: directory[.routes], owner: directory.owner)
        } else {
            try AtomicFile.write(bytes, to: directory[.routes], owner: directory.owner)
        }
    }
}

/// A name that leads to a container's published port.
package struct ContainerRoute: Hashable, Sendable {
    package var hostname: Hostname
    package var port: Port
    /// The container's own name.
    package var container: String
    /// Where the port is published, if other computers reach it there.
    package var exposedAddress: String?
    package var upstreamProtocol: Route.UpstreamProtocol

    package init(
        hostname: Hostname,
        port: Port,
        container: String,
        exposedAddress: String? = nil,
        upstreamProtocol: Route.UpstreamProtocol = .http1,
    ) {
        self.upstreamProtocol = upstreamProtocol
        self.hostname = hostname
        self.port = port
        self.container = container
        self.exposedAddress = exposedAddress
    }

    fileprivate func entry(ownedBy owner: ProcessIdentity) -> RouteEntry {
        var entry = RouteEntry(
            Route(
                hostname: hostname,
                port: port,
                owner: .process(owner),
                upstreamProtocol: upstreamProtocol,
                container: container,
            )
        )
        entry.exposedAddress = exposedAddress
        return entry
    }
}

/// The entries of a host that are meant.
package enum PathSelection: Hashable, Sendable {
    case all
    /// The one for exactly this path; nil: the one for the whole host.
    case only(RoutePath?)

    package static let whole = PathSelection.only(nil)

    package func picks(_ entry: RouteEntry, of hostname: Hostname) -> Bool {
        switch self {
        case .all: entry.matches(hostname)
        case .only(let path): entry.matches(hostname, path)
        }
    }
}

/// The result of registering names.
package struct RouteRegistration: Hashable, Sendable {
    package let port: Port
    /// The processes that had some of the names; the caller ends them.
    package let displaced: [ProcessIdentity]
    /// Names for labels that belong to other apps.
    package let missing: [Hostname]

    init(port: Port, displaced: [ProcessIdentity], missing: [Hostname] = []) {
        self.port = port
        self.displaced = displaced
        self.missing = missing
    }
}
