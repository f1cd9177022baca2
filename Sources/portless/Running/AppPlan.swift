import HostSystem
import PortlessCore
import Projects
import Runner
import SystemPackage

/// One app, or one program without a name, that is to run in the terminal.
struct AppPlan: Equatable, Sendable {
    /// What its lines and messages begin with.
    var label: String
    /// A further name that leads to it: the app that people open has the project's own name and one
    /// below it.
    var furtherName: AppName?
    /// Nil for a program that serves nothing, such as a compiler that watches its sources.
    var name: AppName?
    var directory: FilePath
    var command: [String]
    var fixedPort: Port?
    /// The part of its names' paths that it has; nil for the whole host.
    var path: RoutePath?
    /// What it speaks on its port.
    var upstreamProtocol = Route.UpstreamProtocol.http1
    /// The name without the worktree's prefix, in a linked worktree.
    var baseName: AppName?
    /// The labels that the project's configuration wants ports for.
    var ports: [ConfiguredPort] = []
    /// How it is asked whether it is ready, where it runs in the background.
    var health: HealthCheck?
    /// The package's folder, relative to the workspace's root.
    var package = ""
    /// Whether it is told a `PORT` even if it has no name.
    var wantsPort = false
    /// Whether it runs what shows pages, such as Vite or Next.
    var showsPages = false
    /// What it is told unless the user has set it.
    var environment: [String: String] = [:]
    /// What `env` of the project's configuration tells it; of two of one name the later one counts.
    var variables: [ConfiguredVariable] = []
}

extension AppPlan {
    /// An app that runs alone.
    init(alone naming: AppNaming, command: [String], in directory: FilePath) {
        label = naming.name.description
        name = naming.name
        baseName = naming.baseName
        self.directory = directory
        self.command = command
    }
}

/// Refuses packages that would share a name or a port, before anything is started.
///
/// They have the same owner, so the routes themselves would take the last one for an update.
enum PlanConflict {
    static func refuse(_ plans: [AppPlan]) throws(Failure) {
        let named = plans.filter { $0.name != nil }
        for (index, plan) in named.enumerated() {
            for other in named[..<index] {
                if let name = plan.name, name == other.name,
                    plan.path?.prefix == other.path?.prefix
                {
                    let path = plan.path?.prefix ?? ""
                    throw Failure(
                        "\(text(of: other)) and \(text(of: plan)) would both be called "
                            + "\(name)\(path).",
                        remedy: remedy("\"name\" or \"path\""),
                    )
                }
                if let port = fixedPorts(of: plan).first(where: fixedPorts(of: other).contains) {
                    throw Failure(
                        "\(text(of: other)) and \(text(of: plan)) both want port \(port).",
                        remedy: remedy("\"appPort\" or \"ports\""),
                    )
                }
            }
        }
    }

    private static func fixedPorts(of plan: AppPlan) -> [Port] {
        (plan.fixedPort.map { [$0] } ?? []) + plan.ports.compactMap(\.port)
    }

    private static func text(of plan: AppPlan) -> String {
        plan.package.isEmpty || plan.package == plan.label
            ? plan.label : "\(plan.label) (\(plan.package))"
    }

    private static func remedy(_ keys: String) -> String {
        """
        Give one of them another \(keys), in portless.json or under "portless" in its package.json.
        """
    }
}

/// One app of a run and how far it has come.
struct RunningApp {
    let plan: AppPlan
    /// Its labeled ports; nil where it has none.
    var ports: AppPorts?
    /// While they are registered.
    var names: RegisteredNames?
    /// What it is told as its `PORT`; nil for a program that isn't told any.
    var port: Port?
    var process: ChildProcess?
    var follower: PortFollower?
    /// Its command has ended and left a server in the background.
    var isInBackground = false
    var end: ProcessEnd?

    init(_ plan: AppPlan, ports: AppPorts? = nil) {
        self.plan = plan
        self.ports = ports
    }

    /// The names that it is to have, without those of labels that `siblings` are called by.
    func wantedNames(under tlds: [TLD], siblings: Set<AppName>) throws -> RouteNames? {
        guard let name = plan.name else { return nil }
        let others = try Set(siblings.subtracting([name]).flatMap { try $0.hostnames(under: tlds) })
        let labels = try ports?.names(of: name).flatMap { name, endpoint in
            try name.hostnames(under: tlds).map { hostname in
                RouteLabel(
                    label: endpoint.label,
                    hostname: hostname,
                    port: endpoint.port,
                    upstreamProtocol: endpoint.isTCP ? .tcp : .http1,
                )
            }
        }
        var names = RouteNames(
            own: try ([name] + [plan.furtherName].compactMap(\.self))
                .flatMap { try $0.hostnames(under: tlds) },
            path: plan.path,
            labels: (labels ?? []).filter { !others.contains($0.hostname) },
        )
        names.upstreamProtocol = plan.upstreamProtocol
        names.worktree = plan.baseName.flatMap { name.prefix(of: $0) }
        return names
    }

    /// The port that it must have; nil where any will do.
    var knownPort: Port? { plan.fixedPort ?? ports?.primary?.port }

    /// The command with the flags by which its framework learns the port.
    func command(in folder: CommandFolder, isLAN: Bool) -> [String] {
        guard let port, plan.name != nil else { return plan.command }
        return FlagInjection(port: port, isLAN: isLAN).applied(to: plan.command, in: folder)
    }

    /// What it is told, besides what every app gets; `defaults` yield to what the user has set.
    func variables(
        _ defaults: [String: String],
        _ proxy: ProxyDescription,
    ) -> AppEnvironment.Variables {
        AppEnvironment.Variables(
            port: port,
            url: url(proxy),
            labeled: ports?.environment ?? [:],
            defaults: plan.environment.merging(defaults) { $1 },
            choosesHost: proxy.isLAN && FlagInjection.leavesHost(to: plan.command),
        )
    }

    func url(_ proxy: ProxyDescription) -> String? {
        (names?.names).flatMap { proxy.addresses(of: $0).first }
    }

    /// Its ports by their labels; the only one of an app without a lease is called by what it runs.
    private var labeledPorts: [DetectedProcess.LabeledPort] {
        if let ports { return ports.endpoints.map { .init(label: $0.label, port: $0.port) } }
        let label = PortLabels.main(
            ofProcess: plan.label,
            running: plan.showsPages ? .pages : .other,
        )
        return port.map { [.init(label: label, port: $0)] } ?? []
    }

    /// What `env` of the project's configuration tells it; `siblings` are the variables by which it
    /// finds others.
    func projectVariables(
        _ siblings: [String: String],
        _ proxy: ProxyDescription,
        _ context: CommandContext,
    ) throws -> [String: String] {
        guard !plan.variables.isEmpty else { return [:] }
        let app = try plan.name ?? AppName(parsing: DNSLabel.sanitized(plan.label))
        var values = try PlaceholderValues(of: app, context.moved(to: plan.directory), proxy)
        values.ports = labeledPorts
        let labels = names?.names.labels ?? []
        values.url = { name in
            if [app.description, plan.baseName?.description].contains(name) { return url(proxy) }
            return siblings[SiblingVariables.name(of: name)]
                ?? labels.first { $0.label.lowercased() == name }.map(proxy.address)
        }
        return try values.values(of: plan.variables)
    }
}

/// What a run says about its apps: where they are reached, and by which ports.
struct RunAnnouncement {
    let style: TextStyle
    let url: (Hostname) -> String
    /// Where the local network reaches this machine; nil outside LAN mode.
    let lanAddress: String?

    init(style: TextStyle, of proxy: ProxyDescription) {
        self.style = style
        url = proxy.url
        lanAddress = proxy.isLAN ? proxy.lanAddress ?? "no address now" : nil
    }

    /// One app that runs alone, before it starts.
    func lines(
        _ app: RunningApp,
        _ naming: AppNaming,
        _ sharing: RunSharing?,
        start: AppStart,
    ) -> [StyledText] {
        guard let names = app.names?.names, let port = app.port else { return [] }
        let list = names.own.map(\.description).joined(separator: ", ")
        let place = lanAddress.map { "LAN: \($0)" } ?? "auto-resolves to 127.0.0.1"
        var lines = [style.dim("-- \(list) (\(place))")]
        lines += naming.lines.map(style.dim)
        let isFixed = app.plan.fixedPort != nil
        lines.append(style.dim("-- Using port \(port)" + (isFixed ? " (fixed)" : "")))
        for (index, hostname) in names.own.enumerated() {
            let url = url(hostname) + (names.path?.prefix ?? "")
            lines.append(index == 0 ? "  -> \(style.bold(url))" : "  also -> \(url)")
        }
        if lanAddress != nil, let local = names.own.first(where: \.isInLocalNetwork) {
            lines.append("  LAN -> \(url(local))")
        }
        lines += sharing?.lines(style) ?? []
        var shown = ["PORT", "HOST", "PORTLESS_URL"].compactMap { name in
            start.environment[name].map { "\(name)=\($0)" }
        }
        if let file = start.environment["NODE_EXTRA_CA_CERTS"] {
            shown.append("NODE_EXTRA_CA_CERTS=\"\(file)\"")
        }
        lines.append(style.dim("Running: " + (shown + start.command).joined(separator: " ")))
        return lines + labels(of: app, names).map { StyledText($0) }
    }

    private func labels(of app: RunningApp, _ names: RouteNames) -> [String] {
        guard let ports = app.ports, ports.areLabelsNamed else { return [] }
        return ports.endpoints.map { endpoint in
            let name = names.labels.first { $0.label == endpoint.label }
            let place = name.map { url($0.hostname) } ?? "port \(endpoint.port)"
            return "  \(endpoint.label):\(endpoint.port) -> \(place)"
        }
    }

    /// Says of several apps where they are reached, also by others.
    func say(_ apps: [RunningApp], _ sharing: RunSharing?, on console: Console) {
        let shared = sharing?.lines(style) ?? []
        for line in table(apps).map({ StyledText($0) }) + shared { console.say(styled: line) }
    }

    /// Several apps that run side by side, as a table.
    func table(_ apps: [RunningApp]) -> [String] {
        let rows = apps.flatMap { app -> [(label: String, url: String)] in
            guard let names = app.names?.names, let own = names.own.first else { return [] }
            let label = app.plan.label
            return [(label, url(own) + (names.path?.prefix ?? ""))]
                + names.labels.map { ("\(label) \($0.label):\($0.port)", url($0.hostname)) }
        }
        let width = rows.map(\.label.count).max() ?? 0
        return rows.map { row in
            let padding = String(repeating: " ", count: width - row.label.count)
            return "  \(row.label)\(padding)  ->  \(row.url)"
        }
    }
}
