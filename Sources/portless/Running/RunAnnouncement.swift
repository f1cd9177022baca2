import PortlessCore
import Runner

/// What a run says about its apps: where they are reached, and by which ports.
struct RunAnnouncement {
    let style: TextStyle
    let url: (Hostname) -> String

    /// One app that runs alone, before it starts.
    func lines(
        _ app: RunningApp,
        naming: AppNaming,
        command: [String],
        environment: [String: String],
    ) -> [StyledText] {
        guard let names = app.names?.names, let port = app.port else { return [] }
        let list = names.own.map(\.description).joined(separator: ", ")
        var lines = [style.dim("-- \(list) (auto-resolves to 127.0.0.1)")]
        lines += naming.lines.map(style.dim)
        let isFixed = app.plan.fixedPort != nil
        lines.append(style.dim("-- Using port \(port)" + (isFixed ? " (fixed)" : "")))
        for (index, hostname) in names.own.enumerated() {
            let url = url(hostname)
            lines.append(index == 0 ? "  -> \(style.bold(url))" : "  also -> \(url)")
        }
        var shown = ["PORT", "HOST", "PORTLESS_URL"].compactMap { name in
            environment[name].map { "\(name)=\($0)" }
        }
        if let file = environment["NODE_EXTRA_CA_CERTS"] {
            shown.append("NODE_EXTRA_CA_CERTS=\"\(file)\"")
        }
        lines.append(style.dim("Running: " + (shown + command).joined(separator: " ")))
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

    /// Several apps that run side by side, as a table.
    func table(_ apps: [RunningApp]) -> [String] {
        let rows = apps.flatMap { app -> [(label: String, url: String)] in
            guard let names = app.names?.names, let own = names.own.first else { return [] }
            let label = app.plan.label
            return [(label, url(own))]
                + names.labels.map { ("\(label) \($0.label):\($0.port)", url($0.hostname)) }
        }
        let width = rows.map(\.label.count).max() ?? 0
        return rows.map { row in
            let padding = String(repeating: " ", count: width - row.label.count)
            return "  \(row.label)\(padding)  ->  \(row.url)"
        }
    }
}
