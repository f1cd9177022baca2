import CLibrary

extension Timestamp {
    /// Reads a date, a time of today, or both: `2026-11-28`, `14:05`, `2026-11-28T14:05:30.5Z`,
    /// `2026-11-28 14:05+01:00`.
    ///
    /// Without a zone it is local time.
    package init?(reading text: String, now: Timestamp) {
        var parts = tm()
        parts.tm_isdst = -1
        var time = text[...]
        if let date = Self.numbers(in: text.prefix(10), lengths: [4, 2, 2], separator: "-") {
            guard (1...12).contains(date[1]), (1...31).contains(date[2]) else { return nil }
            parts.tm_year = date[0] - 1900
            parts.tm_mon = date[1] - 1
            parts.tm_mday = date[2]
            time = text.dropFirst(10)
            guard let mark = time.first else {
                self.init(seconds: Int64(mktime(&parts)))
                return
            }
            guard "Tt ".contains(mark) else { return nil }
            time = time.dropFirst()
        } else {
            var seconds = time_t(now.seconds)
            localtime_r(&seconds, &parts)
            parts.tm_isdst = -1
        }
        let clock = time.prefix { $0.isNumber || $0 == ":" }
        let length = clock.count > 5 ? [2, 2, 2] : [2, 2]
        guard let clock = Self.numbers(in: clock, lengths: length, separator: ":"),
            clock[0] < 24, clock[1] < 60, clock.count < 3 || clock[2] <= 60
        else { return nil }
        parts.tm_hour = clock[0]
        parts.tm_min = clock[1]
        parts.tm_sec = clock.count > 2 ? clock[2] : 0
        var rest = time.dropFirst(clock.count * 3 - 1)
        var microseconds: Int64 = 0
        if rest.first == "." {
            let digits = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
            guard !digits.isEmpty else { return nil }
            let padded = digits.prefix(6) + repeatElement("0", count: max(0, 6 - digits.count))
            microseconds = Int64(String(padded)) ?? 0
            rest = rest.dropFirst(digits.count + 1)
        }
        let seconds: Int64
        if rest.isEmpty {
            seconds = Int64(mktime(&parts))
        } else {
            guard let offset = Self.offset(rest) else { return nil }
            seconds = Int64(timegm(&parts)) - offset
        }
        self.init(microseconds: seconds.saturatingMultiply(by: 1_000_000) + microseconds)
    }

    /// Seconds east of Greenwich, of `Z` or `+01:00`.
    private static func offset(_ text: Substring) -> Int64? {
        if text == "Z" || text == "z" { return 0 }
        guard let sign = text.first, "+-".contains(sign),
            let numbers = numbers(in: text.dropFirst(), lengths: [2, 2], separator: ":"),
            numbers[0] < 24, numbers[1] < 60
        else { return nil }
        let seconds = Int64(numbers[0]) * 3600 + Int64(numbers[1]) * 60
        return sign == "-" ? -seconds : seconds
    }

    /// Numbers of just these lengths; nil for any other text.
    private static func numbers(
        in text: Substring,
        lengths: [Int],
        separator: Character,
    ) -> [Int32]? {
        let words = text.split(separator: separator, omittingEmptySubsequences: false)
        guard words.map(\.utf8.count) == lengths else { return nil }
        let numbers = words.compactMap { word in
            word.allSatisfy { $0.isASCII && $0.isNumber } ? Int32(word) : nil
        }
        return numbers.count == words.count ? numbers : nil
    }
}
