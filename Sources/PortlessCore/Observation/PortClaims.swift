import HostSystem

/// The claims of leases, registered apps, apps in the background, and routes.
package struct PortClaims {
    /// A route, the label that it is the name of, and whether its owner has ended.
    package struct KnownRoute: Hashable, Sendable {
        package var route: Route
        package var label: String?
        package var hasEnded: Bool

        package init(_ route: Route, label: String? = nil, hasEnded: Bool) {
            self.route = route
            self.label = label
            self.hasEnded = hasEnded
        }

        /// Nil for an entry that leads to no port here; the port of one of another machine is its
        /// mirror's.
        package init?(_ entry: RouteEntry, hasEnded: Bool) {
            guard let route = entry.route, route.port != nil, entry.remote == nil else {
                return nil
            }
            self.init(route, label: entry.label, hasEnded: hasEnded)
        }
    }

    /// Each app, label and port once; a route gives its name to the claim that has its port.
    package private(set) var list: [PortClaim] = []
    private let tlds: [TLD]
    private var labels: [String: Set<String>]

    package init(
        leases: [PortLease],
        apps: [RegisteredApp],
        supervised: [SupervisedApp] = [],
        routes: [KnownRoute],
        tlds: [TLD] = [.localhost],
    ) {
        self.tlds = tlds
        labels = Self.labels(leases: leases, apps: apps, supervised: supervised)
        for lease in leases { add(lease) }
        for app in apps { add(app) }
        // The labels of each run count for all names.
        for route in routes { note(route) }
        for app in supervised { add(app) }
        for known in routes { add(known) }
        // The owner of these routes is the keeper, which lives on while the app crashes.
        for app in supervised { note(app) }
    }

    package func app(of hostname: Hostname) -> String {
        Self.app(of: hostname, tlds: tlds, labels: labels).app
    }

    private static func labels(
        leases: [PortLease],
        apps: [RegisteredApp],
        supervised: [SupervisedApp],
    ) -> [String: Set<String>] {
        var labels: [String: Set<String>] = [:]
        for lease in leases {
            labels[lease.app.description, default: []]
                .formUnion(lease.ports.map { $0.label.lowercased() })
        }
        for app in apps {
            let own = app.processes.flatMap { $0.ports.map { $0.label.lowercased() } }
            labels[app.name.lowercased(), default: []].formUnion(own)
        }
        for app in supervised {
            let own = app.processes.flatMap { $0.labeledPorts.map { $0.label.lowercased() } }
            // If several have one label, each has its own name instead.
            let names = app.processes.filter { $0.primaryPort != nil }
                .map { DNSLabel.sanitized($0.name) }
            labels[app.name.description, default: []].formUnion(own + names)
        }
        return labels
    }

    private mutating func note(_ known: KnownRoute) {
        let name = Self.base(of: known.route.hostname, tlds: tlds)
        guard let label = known.label?.lowercased(), name.hasPrefix(label + ".") else { return }
        labels[String(name.dropFirst(label.count + 1)), default: []].insert(label)
    }

    private mutating func add(_ lease: PortLease) {
        for leased in lease.ports {
            list.append(
                PortClaim(
                    app: lease.app.description,
                    label: leased.label,
                    port: leased.port,
                    origin: .leased,
                    description: leased.description,
                )
            )
        }
    }

    private mutating func add(_ app: RegisteredApp) {
        let directory = app.directory
        for process in app.processes {
            for labeled in process.ports {
                if let known = index(app: app.name, port: labeled.port) {
                    list[known].directory = directory
                    continue
                }
                let source = process.sources.first {
                    $0.label == labeled.label && $0.port == labeled.port
                }
                let place = source.map { "\($0.location.file):\($0.location.line)" }
                list.append(
                    PortClaim(
                        app: app.name,
                        label: labeled.label,
                        port: labeled.port,
                        origin: .declared,
                        provenance: place ?? process.name,
                        description: source?.description,
                        directory: directory,
                    )
                )
            }
        }
        for index in list.indices where list[index].app.lowercased() == app.name.lowercased() {
            list[index].directory = directory
        }
    }

    private mutating func add(_ app: SupervisedApp) {
        let name = app.name.description
        for process in app.processes {
            for labeled in process.labeledPorts {
                let index = index(app: name, port: labeled.port) ?? list.endIndex
                if index == list.endIndex {
                    list.append(
                        PortClaim(
                            app: name,
                            label: labeled.label,
                            port: labeled.port,
                            origin: PortRange.ephemeral.contains(labeled.port)
                                ? .ephemeral : .declared,
                            provenance: process.name,
                        )
                    )
                }
                list[index].directory = app.directory
            }
        }
    }

    private mutating func note(_ app: SupervisedApp) {
        for process in app.processes {
            for labeled in process.labeledPorts {
                guard let index = index(app: app.name.description, port: labeled.port) else {
                    continue
                }
                switch process.state {
                case .errored, .crashLooping: list[index].run = .ended
                case .starting, .online, .stopping: list[index].run = .running
                case .stopped, .notStarted, .unknown: break
                }
            }
        }
    }

    private mutating func add(_ known: KnownRoute) {
        let route = known.route
        guard let port = route.port else { return }
        let (app, label) = Self.app(of: route.hostname, tlds: tlds, labels: labels)
        if let container = route.container { return add(route, of: container, app, label) }
        let isAlias = route.owner == .alias
        // An alias of a port that an app has is another name for it, and claims nothing.
        let own = index(app: app, port: port)
        if let index = own ?? (isAlias ? list.firstIndex { $0.port == port } : nil) {
            list[index].names.append(route.hostname)
            guard !isAlias else { return }
            if list[index].label == PortClaim.unlabeled, let label = known.label ?? label {
                list[index].label = label
            }
            list[index].run = known.hasEnded ? .ended : .running
            return
        }
        let isEphemeral = PortRange.ephemeral.contains(port)
        list.append(
            PortClaim(
                app: app,
                label: known.label ?? label ?? PortClaim.unlabeled,
                port: port,
                origin: isAlias ? .alias : isEphemeral ? .ephemeral : .declared,
                provenance: isAlias || isEphemeral ? nil : PortClaim.ownRun,
                names: [route.hostname],
                run: isAlias ? nil : known.hasEnded ? .ended : .running,
            )
        )
    }

    /// A container's names share a claim; they take no part in what apps claim.
    private mutating func add(
        _ route: Route,
        of container: String,
        _ app: String,
        _ label: String?,
    ) {
        guard let port = route.port else { return }
        let provenance = "container \(container.visibleLine)"
        let known = list.firstIndex {
            $0.origin == .container && $0.port == port && $0.provenance == provenance
        }
        if let known { return list[known].names.append(route.hostname) }
        list.append(
            PortClaim(
                app: app,
                label: label ?? PortClaim.unlabeled,
                port: port,
                origin: .container,
                provenance: provenance,
                names: [route.hostname],
            )
        )
    }

    private func index(app: String, port: Port) -> Int? {
        list.firstIndex { $0.app.lowercased() == app.lowercased() && $0.port == port }
    }
}

extension SupervisedProcess {
    /// Its ports with their labels, including the port that its names lead to.
    fileprivate var labeledPorts: [DetectedProcess.LabeledPort] {
        guard let primaryPort, !ports.contains(where: { $0.port == primaryPort }) else {
            return ports
        }
        return ports + [.init(label: PortClaim.unlabeled, port: primaryPort)]
    }
}

extension PortClaims {
    /// The app that a name belongs to, and the label in the name, if any.
    ///
    /// `api.shop.localhost` is the app `api.shop`, unless there is a `shop` that has an `api`.
    static func app(
        of hostname: Hostname,
        tlds: [TLD],
        labels: [String: Set<String>],
    ) -> (app: String, label: String?) {
        let name = base(of: hostname, tlds: tlds)
        guard labels[name] == nil, let dot = name.firstIndex(of: ".") else { return (name, nil) }
        let label = String(name[..<dot])
        let rest = String(name[name.index(after: dot)...])
        return labels[rest]?.contains(label) == true ? (rest, label) : (name, nil)
    }

    /// The name without its TLD, or without its last label if the proxy doesn't have that TLD.
    static func base(of hostname: Hostname, tlds: [TLD]) -> String {
        let suffixes = tlds.map { ".\($0)" }.sorted { $0.count > $1.count }
        for suffix in suffixes where hostname.description.hasSuffix(suffix) {
            return String(hostname.description.dropLast(suffix.count))
        }
        let labels = hostname.labels
        return labels.count > 1 ? labels.dropLast().joined(separator: ".") : hostname.description
    }
}
