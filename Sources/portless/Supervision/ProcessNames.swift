import PortlessCore

/// The names that lead to each process of an app: the app's own for the one that people open, and
/// `label.app` for each of several, and for each further port of one.
enum ProcessNames {
    /// A process and its ports, the primary one first.
    typealias Process = (name: String, ports: [DetectedProcess.LabeledPort])

    static func of(
        _ processes: [Process],
        app: AppName,
        tlds: [TLD],
    ) throws -> [RouteNames] {
        let serving = processes.filter(isNamed)
        let primary = primary(among: serving)?.name
        let labels = processes.flatMap { $0.ports.map { $0.label.lowercased() } }
        return try processes.map { process in
            var names = RouteNames()
            if isNamed(process), let port = process.ports.first?.port {
                if process.name == primary { names.own = try app.hostnames(under: tlds) }
                if serving.count > 1, let label = label(of: process, among: serving) {
                    names.labels += try Self.names(of: label, on: port, app: app, tlds: tlds)
                }
            }
            for further in process.ports.dropFirst() {
                let label = further.label.lowercased()
                // A label that two processes have says nothing.
                guard PortLabels.speaksHTTP(label), labels.count(where: { $0 == label }) == 1
                else { continue }
                names.labels += try Self.names(of: label, on: further.port, app: app, tlds: tlds)
            }
            return names
        }
    }

    private static func names(
        of label: String,
        on port: Port,
        app: AppName,
        tlds: [TLD],
    ) throws -> [RouteLabel] {
        guard !tlds.isEmpty else { return [] }
        return try app.prefixed(by: DNSLabel.sanitized(label)).hostnames(under: tlds)
            .map { RouteLabel(label: label, hostname: $0, port: port) }
    }

    private static func isNamed(_ process: Process) -> Bool {
        process.ports.first.map { PortLabels.speaksHTTP($0.label) } ?? false
    }

    private static func primary(among serving: [Process]) -> Process? {
        for label in ["ui", "api"] {
            if let found = serving.first(where: { $0.ports.first?.label == label }) { return found }
        }
        return serving.first
    }

    /// The label, where it says which process is meant, else the process's own name.
    private static func label(of process: Process, among serving: [Process]) -> String? {
        let label = process.ports.first?.label.lowercased() ?? ""
        let isUnique = serving.count { $0.ports.first?.label.lowercased() == label } == 1
        let text = isUnique ? label : process.name
        return DNSLabel.sanitized(text).isEmpty ? nil : text
    }
}
