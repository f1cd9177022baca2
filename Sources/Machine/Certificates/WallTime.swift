import HostSystem

#if canImport(FoundationEssentials)
import struct FoundationEssentials.Date
#else
import struct Foundation.Date
#endif

/// A point in calendar time to the second, which certificates are valid from and until.
package struct WallTime: Hashable, Sendable, Comparable {
    package let secondsSince1970: Int64

    package init(secondsSince1970: Int64) {
        self.secondsSince1970 = secondsSince1970
    }

    init(_ date: Date) {
        secondsSince1970 = Int64(date.timeIntervalSince1970)
    }

    package static var now: WallTime {
        WallTime(secondsSince1970: SystemClock.now / 1_000_000_000)
    }

    package func advanced(byDays days: Int) -> WallTime {
        WallTime(secondsSince1970: secondsSince1970 + Int64(days) * 86_400)
    }

    /// As JavaScript writes it: `2026-11-21T08:15:30.000Z`.
    package var text: String { Timestamp.text(secondsSince1970 * 1_000_000_000) }

    /// `2026-11-21`, for people.
    package var day: String { String(text.prefix(10)) }

    var date: Date { Date(timeIntervalSince1970: Double(secondsSince1970)) }

    package static func < (lhs: WallTime, rhs: WallTime) -> Bool {
        lhs.secondsSince1970 < rhs.secondsSince1970
    }
}
