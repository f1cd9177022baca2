/// Consecutive ports, both ends included.
package struct PortRange: Hashable, Sendable, CustomStringConvertible {
    package let first: Port
    package let last: Port

    package init?(first: Port, last: Port) {
        guard first <= last else { return nil }
        self.first = first
        self.last = last
    }

    /// Reads what Linux says in `/proc/sys/net/ipv4/ip_local_port_range`, two numbers.
    package init?(parsing text: some StringProtocol) {
        let ends = text.split(whereSeparator: \.isWhitespace).map { Port($0) }
        guard ends.count == 2, let first = ends[0], let last = ends[1] else { return nil }
        self.init(first: first, last: last)
    }

    /// Where ports come from that live as long as one run of an app.
    package static let ephemeral = PortRange(known: 4000, 4999)

    private init(known first: Port, _ last: Port) {
        self.first = first
        self.last = last
    }

    package var count: Int { last.number - first.number + 1 }

    package var ports: [Port] {
        (first.rawValue...last.rawValue).compactMap { Port(rawValue: $0) }
    }

    package func contains(_ port: Port) -> Bool { first <= port && port <= last }

    package var description: String { "\(first)–\(last)" }
}
