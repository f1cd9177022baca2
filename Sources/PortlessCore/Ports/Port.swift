import HostSystem

/// A TCP or UDP port number that can be listened on, 1 to 65535.
package struct Port: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
    package let rawValue: UInt16

    package init?(rawValue: UInt16) {
        guard rawValue > 0 else { return nil }
        self.rawValue = rawValue
    }

    package init?(_ number: Int) {
        guard let raw = UInt16(exactly: number) else { return nil }
        self.init(rawValue: raw)
    }

    /// Parses decimal digits only: no sign, no blanks, nothing after the number.
    package init?(_ text: some StringProtocol) {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(text)
        else { return nil }
        self.init(number)
    }

    package var description: String { String(rawValue) }

    /// The port as the integer that JSON and printf-style interfaces want.
    package var number: Int { Int(rawValue) }

    package static func < (lhs: Port, rhs: Port) -> Bool { lhs.rawValue < rhs.rawValue }
}

extension Port: ExpressibleByIntegerLiteral {
    /// For literals in source code; a literal outside 1 to 65535 is a programmer's error.
    package init(integerLiteral value: UInt16) {
        precondition(value > 0, "port 0 is not a port")
        rawValue = value
    }
}

/// Consecutive ports, both ends included.
package struct PortRange: Hashable, Sendable, CustomStringConvertible {
    package let first: Port
    package let last: Port

    package init?(first: Port, last: Port) {
        guard first <= last else { return nil }
        self.first = first
        self.last = last
    }

    /// Nil where the range begins with 0, which is no port.
    package init?(_ range: ClosedRange<UInt16>) {
        guard let first = Port(rawValue: range.lowerBound),
            let last = Port(rawValue: range.upperBound)
        else { return nil }
        self.init(first: first, last: last)
    }

    /// The ports that the system gives to outgoing connections; nil if it doesn't tell.
    package static var systemEphemeral: PortRange? { OutgoingPorts.range.flatMap { PortRange($0) } }

    /// The ports for single runs of apps.
    package static let ephemeral = PortRange(literal: 4000, 4999)

    /// For literals in source code.
    init(literal first: Port, _ last: Port) {
        precondition(first <= last, "a range ends where it begins, or above")
        self.first = first
        self.last = last
    }

    package var count: Int { last.number - first.number + 1 }

    package var ports: [Port] {
        (first.rawValue...last.rawValue).compactMap { Port(rawValue: $0) }
    }

    package func contains(_ port: Port) -> Bool { first <= port && port <= last }

    package func overlaps(_ other: PortRange) -> Bool { first <= other.last && other.first <= last }

    package var description: String { "\(first)–\(last)" }

    /// A single port, or both ends.
    package var text: String { first == last ? "\(first)" : description }
}
