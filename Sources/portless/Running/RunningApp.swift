import HostSystem
import PortlessCore
import Projects
import Runner

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
                RouteLabel(label: endpoint.label, hostname: hostname, port: endpoint.port)
            }
        }
        return RouteNames(
            own: try name.hostnames(under: tlds),
            labels: (labels ?? []).filter { !others.contains($0.hostname) },
        )
    }

    /// The port that it must have; nil where any will do.
    var knownPort: Port? { plan.fixedPort ?? ports?.primary?.port }

    /// The command with the flags by which its framework learns the port.
    func command(script: (String) -> String?) -> [String] {
        guard let port, plan.name != nil else { return plan.command }
        return FlagInjection(port: port).applied(to: plan.command, script: script)
    }

    func url(_ proxy: ProxyDescription) -> String? {
        names?.names.own.first.map(proxy.url)
    }
}
