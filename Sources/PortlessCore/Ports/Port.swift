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

    /// Parses decimal digits only: no sign, no blanks, nothing behind the number.
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
