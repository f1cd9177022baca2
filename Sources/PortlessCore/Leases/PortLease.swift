/// The contiguous block of ports that an app owns, whether it runs or not.
package struct PortLease: Hashable, Sendable {
    package var app: AppName
    /// In the order of their numbers, without a gap.
    package var ports: [LeasedPort]

    /// Nil without a port or with a gap between ports.
    package init?(app: AppName, ports: [LeasedPort]) {
        let sorted = ports.sorted { $0.port < $1.port }
        let isContiguous = zip(sorted, sorted.dropFirst()).allSatisfy { pair in
            pair.0.port.number + 1 == pair.1.port.number
        }
        guard !sorted.isEmpty, isContiguous else { return nil }
        self.app = app
        self.ports = sorted
    }

    package var range: PortRange? {
        guard let first = ports.first, let last = ports.last else { return nil }
        return PortRange(first: first.port, last: last.port)
    }

    package func port(_ label: String) -> Port? {
        ports.first { $0.label.lowercased() == label.lowercased() }?.port
    }

    /// The port that also is `PORT`.
    package var primary: LeasedPort? {
        let label = PortLabels.primary(of: ports.map(\.label))
        return ports.first { $0.label == label }
    }
}
