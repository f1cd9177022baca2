/// Points in time as logs have them: `2026-11-21T07:23:10.123456Z`.
package enum LogStamp {
    package static let length = 27
    /// The years 0 to 9999, which four digits can tell.
    private static let range: ClosedRange<Int64> =
        -62_167_219_200_000_000...253_402_300_799_999_999
    private static let secondsPerDay: Int64 = 86_400
    private static let marks: [Int: UInt8] = [
        4: UInt8(ascii: "-"), 7: UInt8(ascii: "-"), 10: UInt8(ascii: "T"), 13: UInt8(ascii: ":"),
        16: UInt8(ascii: ":"), 19: UInt8(ascii: "."), 26: UInt8(ascii: "Z"),
    ]

    /// The text of microseconds since 1970, of the nearest year that has four digits.
    package static func text(_ microseconds: Int64) -> String {
        let microseconds = min(max(microseconds, range.lowerBound), range.upperBound)
        let seconds = microseconds.floored(by: 1_000_000)
        let fraction = microseconds - seconds * 1_000_000
        let day = seconds.floored(by: secondsPerDay)
        let second = seconds - day * secondsPerDay
        let date = date(ofDay: day)
        return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
            + "T\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2))"
            + ":\(padded(second % 60, 2)).\(padded(fraction, 6))Z"
    }

    /// The microseconds since 1970 of what `text` wrote; nil for anything else.
    package static func parse(_ text: some Collection<UInt8>) -> Int64? {
        guard text.count == length else { return nil }
        var numbers: [Int64] = [0]
        for (index, byte) in text.enumerated() {
            if let mark = marks[index] {
                guard mark == byte else { return nil }
                numbers.append(0)
            } else {
                guard (0x30...0x39).contains(byte) else { return nil }
                numbers[numbers.count - 1] = numbers[numbers.count - 1] * 10 + Int64(byte - 0x30)
            }
        }
        // Two digits each, so that an impossible time of day is at most four days.
        guard (1...12).contains(numbers[1]), (1...31).contains(numbers[2]) else { return nil }
        let days = day(ofYear: numbers[0], month: numbers[1], day: numbers[2])
        let seconds =
            days * secondsPerDay + numbers[3] * 3600 + numbers[4] * 60 + numbers[5]
        return min(seconds * 1_000_000 + numbers[6], range.upperBound)
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(width - digits.utf8.count, 0)) + digits
    }

    // The Gregorian calendar in eras of 400 years that begin in March, so that the leap day is the
    // last one of its year.

    private static func date(ofDay number: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = number + 719_468
        let era = shifted.floored(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let year =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let isAfterNewYear = month >= 10
        return (
            year + era * 400 + (isAfterNewYear ? 1 : 0), isAfterNewYear ? month - 9 : month + 3,
            day,
        )
    }

    private static func day(ofYear year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted.floored(by: 400)
        let yearOfEra = shifted - era * 400
        let monthOfYear = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthOfYear + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

extension Int64 {
    /// For numbers of a stamp's range, which are far from the type's ends.
    fileprivate func floored(by divisor: Int64) -> Int64 {
        self >= 0 ? self / divisor : (self - divisor + 1) / divisor
    }
}
