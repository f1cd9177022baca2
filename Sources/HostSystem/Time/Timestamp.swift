#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Moments as text (RFC 3339), the way JavaScript's `toISOString` writes them.
package enum Timestamp {
    /// `2026-11-21T08:15:30.042Z` for nanoseconds since 1970.
    package static func text(_ nanoseconds: Int64) -> String {
        // Rounded down before 1970, too: the fraction of a second always counts upwards.
        text(milliseconds: floor(nanoseconds, 1_000_000))
    }

    /// The same for milliseconds since 1970, which reach beyond the years 1677 and 2262.
    package static func text(milliseconds: Int64) -> String {
        let seconds = floor(milliseconds, 1000)
        return text(seconds: seconds, milliseconds: milliseconds - seconds * 1000)
    }

    /// The same for seconds since 1970; the years 0 and 9999 are the first and the last.
    package static func text(seconds: Int64, milliseconds: Int64 = 0) -> String {
        var seconds = time_t(min(max(seconds, -62_167_219_200), 253_402_300_799))
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let date = [
            padded(Int(parts.tm_year) + 1900, 4), padded(Int(parts.tm_mon) + 1, 2),
            padded(Int(parts.tm_mday), 2),
        ]
        let time = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded(Int($0), 2) }
        let fraction = padded(Int(milliseconds), 3)
        return "\(date.joined(separator: "-"))T\(time.joined(separator: ":")).\(fraction)Z"
    }

    private static func floor(_ number: Int64, _ divisor: Int64) -> Int64 {
        let (quotient, rest) = number.quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? quotient - 1 : quotient
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
