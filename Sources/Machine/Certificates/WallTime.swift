import HostSystem

#if canImport(FoundationEssentials)
import struct FoundationEssentials.Date
#else
import struct Foundation.Date
#endif

/// A point in calendar time to the second, which certificates are valid from and until.
///
/// Certificates can have every date of the years 0 to 9999 (RFC 5280 section 4.1.2.5), and no other;
/// what lies outside becomes the nearest that they can have.
package struct WallTime: Hashable, Sendable, Comparable {
    /// From `0000-01-01T00:00:00Z` to `9999-12-31T23:59:59Z`.
    private static let range: ClosedRange<Int64> = -62_167_219_200...253_402_300_799

    package let secondsSince1970: Int64

    package init(secondsSince1970: Int64) {
        self.secondsSince1970 = min(
            max(secondsSince1970, Self.range.lowerBound),
            Self.range.upperBound,
        )
    }

    init(_ date: Date) {
        self.init(secondsSince1970: Int64(clamping: date.timeIntervalSince1970))
    }

    package static var now: WallTime {
        WallTime(secondsSince1970: SystemClock.now / 1_000_000_000)
    }

    package func advanced(byDays days: Int) -> WallTime {
        WallTime(
            secondsSince1970: Int64(days).saturatingMultiply(by: 86_400)
                .saturatingAdd(secondsSince1970)
        )
    }

    /// As JavaScript writes it: `2026-11-21T08:15:30.000Z`.
    package var text: String { Timestamp.text(seconds: secondsSince1970) }

    /// `2026-11-21`, for people.
    package var day: String { String(text.prefix(10)) }

    var date: Date { Date(timeIntervalSince1970: Double(secondsSince1970)) }

    package static func < (lhs: WallTime, rhs: WallTime) -> Bool {
        lhs.secondsSince1970 < rhs.secondsSince1970
    }
}
