// Numbers from outside (files, system calls, clients) can have any value, and Swift traps on
// overflow. These give the nearest value that the type can hold.

extension FixedWidthInteger {
    /// The nearest integer towards zero that this type can hold; not-a-number is zero.
    package init(clamping value: Double) {
        if value.isNaN {
            self = 0
        } else if let exact = Self(exactly: value.rounded(.towardZero)) {
            self = exact
        } else {
            self = value < 0 ? .min : .max
        }
    }

    package func saturatingAdd(_ other: Self) -> Self {
        let (sum, overflows) = addingReportingOverflow(other)
        return overflows ? (other < 0 ? .min : .max) : sum
    }

    package func saturatingSubtract(_ other: Self) -> Self {
        let (difference, overflows) = subtractingReportingOverflow(other)
        guard overflows else { return difference }
        return Self.isSigned && other < 0 ? .max : .min
    }

    package func saturatingMultiply(by other: Self) -> Self {
        let (product, overflows) = multipliedReportingOverflow(by: other)
        guard overflows else { return product }
        return (self < 0) == (other < 0) ? .max : .min
    }
}

extension Duration {
    /// A span of a number of milliseconds, at most ten thousand years either way.
    package static func clamped(milliseconds: Int64) -> Duration {
        .milliseconds(min(max(milliseconds, -limit * 1000), limit * 1000))
    }

    /// Whole milliseconds, as files and interfaces have them; the nearest value that fits.
    package var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds.saturatingMultiply(by: 1000)
            .saturatingAdd(attoseconds / 1_000_000_000_000_000)
    }

    private static var limit: Int64 { 315_576_000_000 }
}
