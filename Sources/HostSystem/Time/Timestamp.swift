import CLibrary

/// A point in calendar time, to the microsecond.
///
/// It is in the years 0 to 9999, the only ones that RFC 3339 and certificates (RFC 5280 section
/// 4.1.2.5) can express: a number outside of them becomes the first or last moment.
package struct Timestamp: Hashable, Comparable, Sendable {
    /// From `0000-01-01T00:00:00Z` to the last microsecond of the year 9999.
    private static let range: ClosedRange<Int64> =
        -62_167_219_200_000_000...253_402_300_799_999_999

    /// Since 1970, as all the numbers below.
    package let microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = min(max(microseconds, Self.range.lowerBound), Self.range.upperBound)
    }

    package init(milliseconds: Int64) {
        self.init(microseconds: milliseconds.saturatingMultiply(by: 1000))
    }

    package init(seconds: Int64) {
        self.init(microseconds: seconds.saturatingMultiply(by: 1_000_000))
    }

    package static var now: Timestamp { Timestamp(microseconds: SystemClock.now / 1000) }

    /// Rounded down before 1970, too.
    package var milliseconds: Int64 { microseconds.floored(by: 1000) }
    package var seconds: Int64 { microseconds.floored(by: 1_000_000) }

    /// As many times 24 hours later, or earlier.
    package func advanced(byDays days: Int) -> Timestamp {
        Timestamp(
            seconds: Int64(days).saturatingMultiply(by: 86_400).saturatingAdd(seconds)
        )
    }

    /// Fractions of a millisecond of the duration are dropped.
    package func advanced(by duration: Duration) -> Timestamp {
        Timestamp(
            microseconds: duration.milliseconds.saturatingMultiply(by: 1000)
                .saturatingAdd(microseconds)
        )
    }

    /// Below zero where the other one is earlier.
    package func duration(to other: Timestamp) -> Duration {
        .microseconds(other.microseconds - microseconds)
    }

    package static func < (lhs: Timestamp, rhs: Timestamp) -> Bool {
        lhs.microseconds < rhs.microseconds
    }

    // MARK: Text (RFC 3339)

    /// To the millisecond, as JavaScript's `toISOString` has it: `2026-11-21T08:15:30.042Z`.
    package var text: String { text(fraction: (microseconds - wholeSeconds) / 1000, digits: 3) }

    /// To the microsecond, as logs have it: `2026-11-21T08:15:30.042317Z`.
    package var preciseText: String { text(fraction: microseconds - wholeSeconds, digits: 6) }

    /// `08:15:30.042` in local time, for people.
    package var clockText: String {
        var seconds = time_t(seconds)
        var parts = tm()
        localtime_r(&seconds, &parts)
        let time = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { Self.padded(Int64($0), 2) }
        let fraction = (microseconds - wholeSeconds) / 1000
        return "\(time.joined(separator: ":")).\(Self.padded(fraction, 3))"
    }

    /// `2026-11-21`, for people.
    package var day: String { String(text.prefix(10)) }

    /// `Sat Nov 21 08:15:30 2026`, as `ctime` and `ps` print it.
    package var calendarText: String {
        var seconds = time_t(seconds)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let day = (parts.tm_mday < 10 ? " " : "") + String(parts.tm_mday)
        return [
            days[Int(parts.tm_wday)], months[Int(parts.tm_mon)], day,
            String(text.dropFirst(11).prefix(8)), String(text.prefix(4)),
        ].joined(separator: " ")
    }

    package static let preciseLength = 27

    private var wholeSeconds: Int64 { seconds * 1_000_000 }

    private func text(fraction: Int64, digits: Int) -> String {
        var seconds = time_t(seconds)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let date = [
            Self.padded(Int64(parts.tm_year) + 1900, 4), Self.padded(Int64(parts.tm_mon) + 1, 2),
            Self.padded(Int64(parts.tm_mday), 2),
        ]
        let time = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { Self.padded(Int64($0), 2) }
        return "\(date.joined(separator: "-"))T\(time.joined(separator: ":"))"
            + ".\(Self.padded(fraction, digits))Z"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    private static let marks: [Int: UInt8] = [
        4: UInt8(ascii: "-"), 7: UInt8(ascii: "-"), 10: UInt8(ascii: "T"), 13: UInt8(ascii: ":"),
        16: UInt8(ascii: ":"), 19: UInt8(ascii: "."), 26: UInt8(ascii: "Z"),
    ]

    /// Reads what `preciseText` wrote; nil for anything else.
    package init?(parsing text: some Collection<UInt8>) {
        guard text.count == Self.preciseLength else { return nil }
        var numbers: [Int64] = [0]
        for (index, byte) in text.enumerated() {
            if let mark = Self.marks[index] {
                guard mark == byte else { return nil }
                numbers.append(0)
            } else {
                guard (0x30...0x39).contains(byte) else { return nil }
                numbers[numbers.count - 1] = numbers[numbers.count - 1] * 10 + Int64(byte - 0x30)
            }
        }
        guard (1...12).contains(numbers[1]), (1...31).contains(numbers[2]) else { return nil }
        // Two digits each: what is more than a day's time is at most four days.
        var parts = tm()
        parts.tm_year = Int32(numbers[0] - 1900)
        parts.tm_mon = Int32(numbers[1] - 1)
        parts.tm_mday = Int32(numbers[2])
        parts.tm_hour = Int32(numbers[3])
        parts.tm_min = Int32(numbers[4])
        parts.tm_sec = Int32(numbers[5])
        self.init(microseconds: Int64(timegm(&parts)) * 1_000_000 + numbers[6])
    }
}

extension Int64 {
    /// For numbers of a timestamp's range, which are far from the type's ends.
    fileprivate func floored(by divisor: Int64) -> Int64 {
        self >= 0 ? self / divisor : (self - divisor + 1) / divisor
    }
}
