import PortlessCore

/// The names that lead to each process: the app's own for the one that people open, and
/// `label.app` for each of several.
struct ProcessNames {
    private let app: AppName
    private let names: [String]
    private let ports: [[DetectedProcess.LabeledPort]]

    init(app: AppName, ports names: [String], _ ports: [[DetectedProcess.LabeledPort]]) {
        self.app = app
        self.names = names
        self.ports = ports
    }

    func hostnames(under tlds: [TLD]) throws -> [[Hostname]] {
        let serving = ports.indices.filter { isNamed($0) }
        let primary = primary(among: serving)
        return try ports.indices.map { index in
            guard serving.contains(index), !tlds.isEmpty else { return [] }
            var hostnames: [Hostname] = []
            if index == primary { hostnames += try app.hostnames(under: tlds) }
            if serving.count > 1, let label = label(of: index, among: serving) {
                hostnames += try app.prefixed(by: label).hostnames(under: tlds)
            }
            return hostnames
        }
    }

    /// `label.app` for the ports of a process beside its first one.
    func otherNames(under tlds: [TLD]) throws -> [[PlannedName]] {
        let labels = ports.joined().map { $0.label.lowercased() }
        return try ports.map { ports in
            try ports.dropFirst().flatMap { labeled -> [PlannedName] in
                let label = labeled.label.lowercased()
                // A label that two processes have says nothing.
                guard PortLabels.speaksHTTP(label), labels.count(where: { $0 == label }) == 1,
                    !tlds.isEmpty
                else { return [] }
                return try app.prefixed(by: DNSLabel.sanitized(label)).hostnames(under: tlds)
                    .map { PlannedName(hostname: $0, port: labeled.port) }
            }
        }
    }

    private func isNamed(_ index: Int) -> Bool {
        ports[index].first.map { PortLabels.speaksHTTP($0.label) } ?? false
    }

    private func primary(among serving: [Int]) -> Int? {
        for label in ["ui", "api"] {
            if let found = serving.first(where: { ports[$0].first?.label == label }) {
                return found
            }
        }
        return serving.first
    }

    /// The label, where it says which process is meant, else the process's own name.
    private func label(of index: Int, among serving: [Int]) -> String? {
        let label = ports[index].first?.label.lowercased() ?? ""
        let isUnique = serving.count { ports[$0].first?.label.lowercased() == label } == 1
        let text = DNSLabel.sanitized(isUnique ? label : names[index])
        return text.isEmpty ? nil : text
    }
}
