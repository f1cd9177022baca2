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
        guard instance.declared.ports.isEmpty else {
            return instance.declared.ports.compactMap { labeled in
                Port(labeled.port.number + instance.number).map {
                    LabeledPort(label: labeled.label, port: $0)
                }
            }
        }
        let ports = labels(of: instance, configured: configured).compactMap { label in
            block?.endpoints.first { $0.label.lowercased() == label.lowercased() }
                .map { LabeledPort(label: $0.label, port: $0.port) }
        }
        guard let primary = PortLabels.primary(of: ports.map(\.label)),
            let index = ports.firstIndex(where: { $0.label == primary })
        else { return ports }
        return [ports[index]] + ports[..<index] + ports[(index + 1)...]
    }

    private func labels(of instance: Instance, configured: [ConfiguredPort]) -> [String] {
        guard instance.declared.ports.isEmpty else { return [] }
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
        return [process.ownLabel]
    }
}
