/// The names that lead to one process: its app's own, and those of its labeled ports.
package struct RouteNames: Hashable, Sendable {
    package var own: [Hostname]
    /// Each gives way to an app that is called so itself.
    package var labels: [RouteLabel]

    package init(own: [Hostname] = [], labels: [RouteLabel] = []) {
        self.own = own
        self.labels = labels
    }

    package var all: [Hostname] { own + labels.map(\.hostname) }
    package var isEmpty: Bool { own.isEmpty && labels.isEmpty }

    /// Those that lead to the process's primary port, and follow it to another one.
    package func leading(to primary: Port) -> [Hostname] {
        own + labels.filter { $0.port == primary }.map(\.hostname)
    }

    package func without(_ missing: [Hostname]) -> RouteNames {
        RouteNames(own: own, labels: labels.filter { !missing.contains($0.hostname) })
    }
}

/// A name for one labeled port of an app, beside the app's own.
package struct RouteLabel: Hashable, Sendable {
    package var label: String
    package var hostname: Hostname
    package var port: Port

    package init(label: String, hostname: Hostname, port: Port) {
        self.label = label
        self.hostname = hostname
        self.port = port
    }
}
