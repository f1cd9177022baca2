import PortlessCore
import Runner

/// The ports of apps that are about to run.
struct RunPorts {
    let context: CommandContext

    /// The labeled ports of an app; nil where each run gets any port.
    func labeled(of plan: AppPlan) throws -> AppPorts? {
        guard let name = plan.name else { return nil }
        return try labeled(
            AppPorts.Question(app: name, base: plan.baseName, configured: plan.ports)
        )?.fixing(plan.fixedPort)
    }

    /// Leases what the project asks for and doesn't have yet, and says so.
    func labeled(_ question: AppPorts.Question) throws -> AppPorts? {
        let directory = try context.preparedStateDirectory()
        let store = LeaseStore(directory: directory)
        let worktree = PortLease.Worktree(of: context.workingDirectory)
        if let worktree { try store.record(worktree, of: question.app) }
        return try AppPorts.resolve(question, among: store.list()) { app, requests in
            let (lease, change) = try store.lease(
                requests,
                for: app,
                by: .current(in: directory),
                in: worktree,
                isFree: context.isFree,
            )
            if let sentence = change.sentence(lease) { context.console.say("-- \(sentence)") }
            return lease
        }
    }

    /// Whether a run may have the port: nothing listens there, and no app has leased it.
    func freeForRuns() throws -> (Port) -> Bool {
        let leased = Set(try leases().flatMap { $0.ports.map(\.port) })
        let isFree = context.isFree
        return { !leased.contains($0) && isFree($0) }
    }

    /// Gives programs without a name a port, after all names have theirs.
    func chooseSpares(for apps: inout [RunningApp], isFree: (Port) -> Bool) throws {
        let wanting = apps.indices.filter { apps[$0].plan.wantsPort && apps[$0].port == nil }
        guard !wanting.isEmpty else { return }
        let routes = try context.routes()
        let memory = PortMemory(reading: routes.directory)
        var taken = Set(try routes.list().compactMap(\.port)).union(apps.compactMap(\.port))
        var generator = SystemRandomNumberGenerator()
        for index in wanting {
            let port = try EphemeralPortPicker().pick(
                preferring: nil,
                taken: taken,
                remembered: memory.ports(),
                isFree: isFree,
                using: &generator,
            )
            apps[index].port = port
            taken.insert(port)
        }
    }

    /// What is wrong with the ports and names of the apps.
    func warnings(of apps: [RunningApp]) throws -> [String] {
        let leases = try leases()
        return apps.flatMap { app -> [String] in
            guard let name = app.plan.name else { return [] }
            let leased = LeasedPorts.warnings(
                of: app.ports,
                fixed: app.plan.fixedPort,
                app: name,
                leases: leases,
            )
            return leased + TakenPorts.warnings(of: app.ports, context)
                + (app.names?.missing ?? []).map { RegisteredNames.warning($0) }
        }
    }

    private func leases() throws -> [PortLease] {
        try LeaseStore(directory: context.stateDirectory()).list()
    }
}

/// Refuses to start an app on a port where another program would answer under its name.
enum HeldPorts {
    static func refuse(
        _ app: RunningApp,
        _ context: CommandContext,
    ) throws(Failure) {
        guard let names = app.names?.names, let assigned = app.names?.assigned else { return }
        try refuse(names, assigned: assigned, holder: context.answering)
    }

    static func refuse(
        _ names: RouteNames,
        assigned: Port,
        holder: (Port) -> String?,
    ) throws(Failure) {
        let own = names.own.prefix(1).map { (port: assigned, name: $0) }
        for (port, name) in own + names.labels.map({ (port: $0.port, name: $0.hostname) }) {
            guard let holder = holder(port) else { continue }
            throw Failure(
                "Port \(port), for \(name), is held by \(holder).",
                remedy: """
                    End that with `portless ports kill \(port)`, or give the app another port \
                    (--app-port, or "appPort" or "ports" in portless.json).
                    """,
            )
        }
    }
}

/// Warns of labeled ports on which another process listens already.
enum TakenPorts {
    static func warnings(of ports: AppPorts?, _ context: CommandContext) -> [String] {
        let endpoints = ports?.endpoints ?? []
        // An app called `api.shop` has no other port of `shop` than that one.
        let own =
            ports?.areLabelsNamed == false ? endpoints.filter { $0 == ports?.primary } : endpoints
        return own.compactMap { endpoint in
            guard !context.isFree(endpoint.port) else { return nil }
            let holder = context.holder(endpoint.port) ?? "another process"
            return """
                Port \(endpoint.port), for \(endpoint.label), is held by \(holder). \
                `portless ports kill \(endpoint.port)` ends it.
                """
        }
    }
}

/// Warns of ports that an app takes although they are leased to another one.
enum LeasedPorts {
    /// `ports` is what the run has been given, `fixed` a port of the user's own choice.
    static func warnings(
        of ports: AppPorts?,
        fixed: Port? = nil,
        app: AppName,
        leases: [PortLease],
    ) -> [String] {
        // An app called `api.shop` has the lease of `shop`, and of that only one port.
        guard ports?.areLabelsNamed != false else { return [] }
        let labeled = (ports?.endpoints ?? []).map { ($0.label, $0.port) }
        let isKnown = labeled.contains { $0.1 == fixed }
        return warnings(of: labeled + (isKnown ? [] : [("app", fixed)]), app: app, leases: leases)
    }

    static func warnings(
        of labeled: [(label: String, port: Port?)],
        app: AppName,
        leases: [PortLease],
    ) -> [String] {
        let others = leases.filter { $0.app != app }
        return labeled.compactMap { label, port in
            for lease in others {
                guard let leased = lease.ports.first(where: { $0.port == port }),
                    app.description != "\(leased.label.lowercased()).\(lease.app)"
                else { continue }
                return """
                    Port \(leased.port), for \(label), is leased to \(lease.app) as \
                    \(leased.label). Choose another one here, or release that lease: \
                    `portless ports release \(lease.app)`.
                    """
            }
            return nil
        }
    }
}
