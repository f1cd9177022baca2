/// The labeled ports of a run, and which of them get names.
package struct AppPorts: Hashable, Sendable {
    package struct Endpoint: Hashable, Sendable {
        package var label: String
        package var port: Port
        /// Ports that speak something else are told by number only, or have a TCP name.
        package var speaksHTTP: Bool
        /// Whether it has a TCP name, which clients reach by TLS.
        package var isTCP: Bool

        package init(label: String, port: Port, speaksHTTP: Bool? = nil, isTCP: Bool = false) {
            self.label = label
            self.port = port
            self.speaksHTTP = !isTCP && (speaksHTTP ?? PortLabels.speaksHTTP(label))
            self.isTCP = isTCP
        }
    }

    package var endpoints: [Endpoint]
    /// The label whose port is `PORT` and has the app's bare name; nil where none speaks HTTP.
    package var primaryLabel: String?
    /// False where the app is itself called by a label, as `api.shop` is.
    package var areLabelsNamed: Bool

    package init(_ endpoints: [Endpoint]) {
        self.endpoints = endpoints
        let labels = endpoints.filter(\.speaksHTTP).map(\.label)
        primaryLabel = PortLabels.primary(of: labels) ?? labels.first
        areLabelsNamed = true
    }

    package init(_ lease: PortLease) {
        self.init(lease.ports.map { Endpoint(label: $0.label, port: $0.port) })
    }

    package var primary: Endpoint? {
        endpoints.first { $0.label == primaryLabel }
    }

    /// `<LABEL>_PORT` for every label; the run itself sets `PORT`.
    package var environment: [String: String] {
        var variables: [String: String] = [:]
        for endpoint in endpoints {
            let name = PortLabels.environmentVariable(of: endpoint.label)
            variables[name] = endpoint.port.description
        }
        return variables
    }

    /// The names beside the bare one: `api.shop` for each label of `shop` that speaks HTTP or has a
    /// TCP name.
    package func names(of app: AppName) throws(NameError) -> [(name: AppName, endpoint: Endpoint)] {
        guard areLabelsNamed else { return [] }
        var names: [(name: AppName, endpoint: Endpoint)] = []
        for endpoint in endpoints where endpoint.speaksHTTP || endpoint.isTCP {
            names.append((try app.prefixed(by: endpoint.label.lowercased()), endpoint))
        }
        return names
    }

    /// Gives the primary label the port that the user has fixed.
    package func fixing(_ port: Port?) -> AppPorts {
        guard let port, let index = endpoints.firstIndex(where: { $0.label == primaryLabel })
        else { return self }
        var result = self
        result.endpoints[index].port = port
        return result
    }
}

extension AppPorts {
    /// What a run asks to find an app's ports.
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

    /// The ports that an app has; nil if nothing sets them, so that each run gets any port.
    ///
    /// `lease` leases ports for labels without a number in the configuration, and in a linked worktree
    /// for all of them, else for the labels of the app itself.
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
        // A number is the main checkout's, which may run at the same time.
        let isLinked = question.base != nil
        let open = try question.configured.filter { isLinked || $0.port == nil }
            .map { try LeaseRequest(label: $0.label, description: $0.description) }
        let leased = open.isEmpty ? own : try lease(question.app, open)
        var endpoints: [Endpoint] = question.configured.compactMap { configured in
            let number = isLinked ? nil : configured.port
            guard let port = number ?? leased?.port(configured.label) else { return nil }
            return Endpoint(
                label: configured.label,
                port: port,
                speaksHTTP: configured.speaksHTTP,
                isTCP: configured.isTCP,
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

    /// `api.shop` is the `api` of `shop`, if that has leased one.
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

/// One entry of `ports` in a project's configuration.
package struct ConfiguredPort: Hashable, Sendable {
    package var label: String
    /// Nil leaves the number to a lease.
    package var port: Port?
    package var description: String?
    /// Whether it gets a name; nil leaves it to what the label says.
    package var speaksHTTP: Bool?
    /// Whether its name is one for TCP.
    package var isTCP: Bool

    package init(
        label: String,
        port: Port? = nil,
        description: String? = nil,
        speaksHTTP: Bool? = nil,
        isTCP: Bool = false,
    ) {
        self.label = label
        self.port = port
        self.description = description
        self.speaksHTTP = speaksHTTP
        self.isTCP = isTCP
    }
}
