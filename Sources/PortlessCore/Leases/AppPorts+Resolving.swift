extension AppPorts {
    /// What a run may need to know to find an app's ports.
    package struct Question {
        package var app: AppName
        /// The name without the worktree's prefix, in a linked worktree.
        package var base: AppName?
        /// `ports` of the project's configuration.
        package var configured: [ConfiguredPort]

        package init(app: AppName, base: AppName? = nil, configured: [ConfiguredPort] = []) {
            self.app = app
            self.base = base
            self.configured = configured
        }
    }

    /// The ports that an app has; nil where nothing says so, and each run gets any.
    ///
    /// Labels that the configuration gives no number are leased, and so are in a linked worktree
    /// the labels that the app itself has. `lease` is asked for that.
    package static func resolve(
        _ question: Question,
        among leases: [PortLease],
        lease: (AppName, [LeaseRequest]) throws -> PortLease,
    ) throws -> AppPorts? {
        let own = leases.first { $0.app == question.app }
        guard question.configured.isEmpty else {
            return try configured(question, own: own, lease: lease)
        }
        if let own { return AppPorts(own) }
        if let labeled = called(question.app, among: leases) { return labeled }
        guard let base = question.base, let model = leases.first(where: { $0.app == base }) else {
            return nil
        }
        let requests = try model.ports.map { leased in
            try LeaseRequest(label: leased.label, description: leased.description)
        }
        return AppPorts(try lease(question.app, requests))
    }

    private static func configured(
        _ question: Question,
        own: PortLease?,
        lease: (AppName, [LeaseRequest]) throws -> PortLease,
    ) throws -> AppPorts {
        let open = try question.configured.filter { $0.port == nil }
            .map { try LeaseRequest(label: $0.label, description: $0.description) }
        let leased = open.isEmpty ? own : try lease(question.app, open)
        var endpoints: [Endpoint] = question.configured.compactMap { configured in
            guard let port = configured.port ?? leased?.port(configured.label) else { return nil }
            return Endpoint(
                label: configured.label,
                port: port,
                speaksHTTP: configured.speaksHTTP,
            )
        }
        for port in leased?.ports ?? [] {
            let variable = PortLabels.environmentVariable(of: port.label)
            let isKnown = endpoints.contains {
                $0.label.lowercased() == port.label.lowercased()
                    || PortLabels.environmentVariable(of: $0.label) == variable
            }
            if !isKnown { endpoints.append(Endpoint(label: port.label, port: port.port)) }
        }
        return AppPorts(endpoints)
    }

    /// `api.shop` is the `api` of `shop`, where that has leased one.
    private static func called(_ app: AppName, among leases: [PortLease]) -> AppPorts? {
        guard let dot = app.description.firstIndex(of: ".") else { return nil }
        let label = app.description[..<dot]
        let parent = app.description[app.description.index(after: dot)...]
        guard let lease = leases.first(where: { $0.app.description == parent }),
            let leased = lease.ports.first(where: { $0.label.lowercased() == label })
        else { return nil }
        var ports = AppPorts(lease)
        ports.primaryLabel = leased.label
        ports.areLabelsNamed = false
        return ports
    }
}
