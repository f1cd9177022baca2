import PortlessCore
import Projects

/// Which ports each process of a project gets: those that it declares itself, else those of the
/// app's block.
struct ProcessPorts {
    /// Instances of one process count as processes here.
    struct Instance {
        var declared: DeclaredProcess
        var name: String
        var number: Int
    }

    typealias LabeledPort = DetectedProcess.LabeledPort

    let instances: [Instance]

    init(_ declared: [DeclaredProcess]) {
        instances = declared.flatMap { process in
            process.instanceNames.enumerated().map { number, name in
                Instance(declared: process, name: name, number: number)
            }
        }
    }

    /// The labels that need a port from the app's block.
    func wanted(_ configured: [ConfiguredPort]) -> [ConfiguredPort] {
        var result = configured
        for instance in instances {
            for label in labels(of: instance, configured: configured)
            where !result.contains(where: { $0.label.lowercased() == label.lowercased() }) {
                result.append(ConfiguredPort(label: label))
            }
        }
        return result
    }

    /// The ports of one process, the primary one first.
    func ports(
        of instance: Instance,
        block: AppPorts?,
        configured: [ConfiguredPort],
    ) -> [LabeledPort] {
        let declared = instance.declared.ports.compactMap { labeled in
            Port(labeled.port.number + instance.number).map {
                LabeledPort(label: labeled.label, port: $0)
            }
        }
        guard lacksMain(instance.declared) else { return declared }
        let ports = labels(of: instance, configured: configured).compactMap { label in
            block?.endpoints.first { $0.label.lowercased() == label.lowercased() }
                .map { LabeledPort(label: $0.label, port: $0.port) }
        }
        guard let primary = PortLabels.primary(of: ports.map(\.label)),
            let index = ports.firstIndex(where: { $0.label == primary })
        else { return ports + declared }
        return [ports[index]] + ports[..<index] + ports[(index + 1)...] + declared
    }

    /// Whether the files give a process no port that is its `PORT`: none at all, or nothing but a
    /// debugger's to one that serves.
    private func lacksMain(_ process: DeclaredProcess) -> Bool {
        process.ports.isEmpty
            || process.wantsPort && !process.ports.contains { PortLabels.speaksHTTP($0.label) }
    }

    private func labels(of instance: Instance, configured: [ConfiguredPort]) -> [String] {
        guard lacksMain(instance.declared) else { return [] }
        let own = instance.declared.labels ?? implied(instance.declared, configured)
        return instance.number == 0 ? own : own.map { "\($0)-\(instance.number)" }
    }

    /// A process called like a label has it; the only one that serves has all that are asked for.
    private func implied(_ process: DeclaredProcess, _ configured: [ConfiguredPort]) -> [String] {
        let words = process.name.lowercased().split { "-_:.@".contains($0) }
        let named = configured.map(\.label).filter { label in
            process.name.lowercased() == label.lowercased()
                || words.last.map(String.init) == label.lowercased()
        }
        if !named.isEmpty { return named }
        guard process.wantsPort else { return [] }
        let serving = Set(instances.filter(\.declared.wantsPort).map(\.declared.name))
        if serving.count == 1, !configured.isEmpty { return configured.map(\.label) }
        let main = process.mainLabel
        let isTaken = instances.map(\.declared).contains { other in
            guard other.name != process.name else { return false }
            return other.ports.contains { $0.label == main }
                || lacksMain(other) && other.wantsPort && other.mainLabel == main
        }
        return [isTaken ? process.ownLabel : main]
    }

    /// The label of a process's main port, whether that is declared or not; nil where it has none.
    func mainLabel(of instance: Instance) -> String? {
        lacksMain(instance.declared)
            ? labels(of: instance, configured: []).first : instance.declared.ports.first?.label
    }
}

/// The names that lead to each process of an app: the app's own for the one that people open, and
/// `label.app` for each of several, and for each further port of one.
enum ProcessNames {
    /// A process and its ports, the primary one first.
    typealias Process = (name: String, ports: [DetectedProcess.LabeledPort])

    /// `pages` are the processes that run what shows pages, `own` the names that processes have
    /// already, and `tcp` the labels that have TCP names, in lower case.
    static func of(
        _ processes: [Process],
        app: AppName,
        tlds: [TLD],
        pages: Set<String> = [],
        own: [String: [AppName]] = [:],
        tcp: Set<String> = [],
    ) throws -> [RouteNames] {
        let isNamed = { (process: Process) in
            process.ports.first.map {
                PortLabels.speaksHTTP($0.label) && !tcp.contains($0.label.lowercased())
            } ?? false
        }
        let serving = processes.filter(isNamed)
        let candidates = serving.map { process in
            MainProcess.Candidate(
                name: process.name,
                label: process.ports.first?.label ?? process.name,
                showsPages: pages.contains(process.name),
            )
        }
        let chosen = serving.first { own[$0.name]?.contains(app) == true }?.name
        let primary = chosen ?? MainProcess.index(among: candidates).map { serving[$0].name }
        let labels = processes.flatMap { $0.ports.map { $0.label.lowercased() } }
        return try processes.map { process in
            var names = RouteNames()
            if isNamed(process), let port = process.ports.first?.port {
                if process.name == primary { names.own = try app.hostnames(under: tlds) }
                if let own = own[process.name] {
                    let label = DNSLabel.sanitized(process.name)
                    for name in own where name != app {
                        names.labels += try name.hostnames(under: tlds)
                            .map { RouteLabel(label: label, hostname: $0, port: port) }
                    }
                } else if serving.count > 1,
                    let index = candidates.firstIndex(where: { $0.name == process.name }),
                    let label = label(of: candidates[index], among: candidates)
                {
                    names.labels += try Self.names(of: label, on: port, app: app, tlds: tlds)
                }
            }
            for (index, further) in process.ports.enumerated() {
                let label = further.label.lowercased()
                let isTCP = tcp.contains(label)
                guard isTCP || index > 0 && PortLabels.speaksHTTP(label) else { continue }
                // A label that two processes have says nothing.
                guard labels.count(where: { $0 == label }) == 1 else { continue }
                names.labels += try Self.names(
                    of: label,
                    on: further.port,
                    isTCP ? .tcp : .http1,
                    app: app,
                    tlds: tlds,
                )
            }
            return names
        }
    }

    private static func names(
        of label: String,
        on port: Port,
        _ upstreamProtocol: Route.UpstreamProtocol = .http1,
        app: AppName,
        tlds: [TLD],
    ) throws -> [RouteLabel] {
        guard !tlds.isEmpty else { return [] }
        return try app.prefixed(by: DNSLabel.sanitized(label)).hostnames(under: tlds)
            .map { hostname in
                RouteLabel(
                    label: label,
                    hostname: hostname,
                    port: port,
                    upstreamProtocol: upstreamProtocol,
                )
            }
    }

    /// The label, where it says which process is meant, else the process's own name.
    static func label(
        of process: MainProcess.Candidate,
        among all: [MainProcess.Candidate],
    ) -> String? {
        let label = process.label.lowercased()
        let isUnique = all.count { $0.label.lowercased() == label } == 1
        let text = isUnique ? label : process.name
        return DNSLabel.sanitized(text).isEmpty ? nil : text
    }
}
