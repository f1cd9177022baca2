package import HostSystem
package import PortlessCore

/// Registers the names of a plan's processes in `routes.json`, for as long as this process lives.
///
/// Runs in the terminal and keepers share it, so that one rule holds for both: a label's name gives
/// way to an app of that name.
package struct NameRegistrar {
    package enum PortChoice {
        case known(Port)
        /// Any free port, the same one as last time if possible.
        case ephemeral(isFree: (Port) throws -> Bool)
    }

    private let routes: RoutesStore
    private let whenChanged: () -> Void

    /// `whenChanged` is called after names have come or gone.
    package init(_ routes: RoutesStore, whenChanged: @escaping () -> Void) {
        self.routes = routes
        self.whenChanged = whenChanged
    }

    /// Registers the names of several processes, or none of them.
    package func register(
        _ processes: [(names: RouteNames, port: PortChoice)],
        force: Bool = false,
    ) throws -> [RegisteredNames] {
        var registered: [RegisteredNames] = []
        do {
            for process in processes {
                registered.append(try register(process.names, process.port, force: force))
            }
        } catch {
            for names in registered { try? names.remove() }
            throw error
        }
        if !registered.isEmpty { whenChanged() }
        return registered
    }

    /// `holders` are the programs that have the ports of the names, for which the process waits.
    package func register(
        _ names: RouteNames,
        on port: Port,
        holders: [Port: String] = [:],
    ) throws -> RegisteredNames {
        let registered = try register(names, .known(port), holders: holders, force: false)
        whenChanged()
        return registered
    }

    private func register(
        _ names: RouteNames,
        _ port: PortChoice,
        holders: [Port: String] = [:],
        force: Bool,
    ) throws -> RegisteredNames {
        let owner = Route.Owner.process(.current)
        let registration =
            switch port {
            case .known(let port):
                try routes.register(
                    names,
                    owner: owner,
                    holders: holders,
                    force: force,
                    choosingPort: { _ in port },
                )
            case .ephemeral(let isFree):
                try routes.registerOnEphemeralPort(
                    names,
                    owner: owner,
                    force: force,
                    isFree: isFree,
                )
            }
        return RegisteredNames(
            names: names.without(registration.missing),
            missing: registration.missing,
            displaced: registration.displaced,
            port: registration.port,
            assigned: registration.port,
            routes: routes,
            owner: owner,
            whenChanged: whenChanged,
        )
    }
}

/// The registered names of one of our processes.
package struct RegisteredNames {
    package let names: RouteNames
    /// Names of labels that were left to apps of those names.
    package let missing: [Hostname]
    /// The processes whose names were taken by force: the caller ends them.
    package let displaced: [ProcessIdentity]
    /// The port that the names lead to, except for the labels of other ports.
    package private(set) var port: Port

    /// The port that the process was assigned.
    package let assigned: Port
    fileprivate let routes: RoutesStore
    fileprivate let owner: Route.Owner
    fileprivate let whenChanged: () -> Void

    /// Moves the names to the port that the process really listens on.
    ///
    /// A name that another app has taken in the meantime stays with that app.
    package mutating func move(to port: Port) throws {
        try update(names.leading(to: assigned)) { $0.move(to: port) }
        self.port = port
    }

    /// Records the process that serves under the names, which leads a group of its own.
    package func record(_ leader: ProcessIdentity) throws {
        try update(names.all) { $0.setChild(leader) }
    }

    private func update(
        _ hostnames: [Hostname],
        _ change: (inout RouteEntry) -> Void,
    ) throws {
        let (own, labels) = split(hostnames)
        try routes.update(own, .only(names.path), ownedBy: owner, change)
        if !labels.isEmpty { try routes.update(labels, ownedBy: owner, change) }
    }

    /// The path is that of the process's own names; those of labels have none.
    private func split(_ hostnames: [Hostname]) -> (own: [Hostname], labels: [Hostname]) {
        guard names.path != nil else { return (hostnames, []) }
        return (hostnames.filter(names.own.contains), hostnames.filter { !names.own.contains($0) })
    }

    /// Records an address beyond this machine under the primary name.
    package func setAddress(_ share: ShareRecord) throws {
        try routes.update([share.hostname], ownedBy: owner) { $0.setAddress(share) }
    }

    package func removeAddress(of provider: SharingProvider) throws {
        try routes.update(Array(names.own.prefix(1)), ownedBy: owner) {
            $0.removeAddress(of: provider)
        }
    }

    /// Whether no process has the names any more, as after the state directory was deleted.
    package func areLost() throws -> Bool {
        let known = try routes.list()
        return !names.own.contains { hostname in
            known.contains { PathSelection.only(names.path).picks($0, of: hostname) }
        }
    }

    /// Registers the names again that were lost, where they led last.
    package func again(by registrar: NameRegistrar) throws -> RegisteredNames {
        var result = try registrar.register(names, on: assigned)
        if port != assigned { try result.move(to: port) }
        return result
    }

    /// Removes the names that are still this process's.
    package func remove() throws {
        let (own, labels) = split(names.all)
        try routes.remove(own, .only(names.path), ownedBy: owner)
        if !labels.isEmpty { try routes.remove(labels, ownedBy: owner) }
        whenChanged()
    }
}

extension RegisteredNames {
    /// Why a label's name isn't registered.
    package static func warning(_ missing: Hostname) -> String {
        "\(missing) is the name of an app that runs, and stays with it."
    }
}
