import HostSystem
import Testing

struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
            (951_782_399_999_999, "2000-02-28T23:59:59.999999Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (1_795_250_479_123_456, "2026-11-21T08:41:19.123456Z"),
            (4_107_542_400_000_001, "2100-03-01T00:00:00.000001Z"),
            (-62_167_219_200_000_000, "0000-01-01T00:00:00.000000Z"),
            (-62_162_035_200_000_001, "0000-02-29T23:59:59.999999Z"),
            (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
        ] as [(Int64, String)]
    )
    func `a time is written and read back`(microseconds: Int64, text: String) {
        let time = Timestamp(microseconds: microseconds)
        #expect(time.preciseText == text)
        #expect(time.text == text.dropLast(4) + "Z")
        #expect(Timestamp(parsing: Array(text.utf8)) == time)
    }

    @Test(arguments: [
        "", "2026-11-21 08:41:19.123456Z", "2026-11-21T08:41:19.12345xZ",
        "9999-99-99T99:99:99.999999Z", "2026-00-21T08:41:19.123456Z",
    ])
    func `another text is no time`(text: String) {
        #expect(Timestamp(parsing: Array(text.utf8)) == nil)
    }

    @Test func `an hour that no day has is of another day`() {
        let odd = Timestamp(parsing: Array("2026-02-31T99:99:99.000000Z".utf8))
        #expect(odd?.text == "2026-03-07T04:40:39.000Z")
        #expect(Timestamp(parsing: Array("9999-12-31T99:00:00.000000Z".utf8))?.day == "9999-12-31")
    }

    @Test(
        arguments: [
            (-11_676_096_000, "1600-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.000Z"),
            (13_569_465_600, "2400-01-01T00:00:00.000Z"),
            (.min, "0000-01-01T00:00:00.000Z"), (.max, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)]
    )
    func `a number beyond the years 0 to 9999 is the first or the last of them`(
        seconds: Int64,
        text: String,
    ) {
        #expect(Timestamp(seconds: seconds).text == text)
        let milliseconds = seconds.saturatingMultiply(by: 1000)
        #expect(Timestamp(milliseconds: milliseconds).text == text)
    }

    @Test func `smaller units are rounded down, before 1970, too`() {
        #expect(Timestamp(milliseconds: -1).text == "1969-12-31T23:59:59.999Z")
        #expect(Timestamp(microseconds: -1).milliseconds == -1)
        #expect(Timestamp(microseconds: -1_000_001).seconds == -2)
        #expect(Timestamp(microseconds: 1_999_999).seconds == 1)
    }

    @Test(
        arguments: [
            ("2026-11-21T08:41:19.123456Z", 1_795_250_479_123_456),
            ("2026-11-21 08:41:19.1Z", 1_795_250_479_100_000),
            ("2026-11-21t10:41:19+02:00", 1_795_250_479_000_000),
            ("2026-11-21T08:41z", 1_795_250_460_000_000),
        ] as [(String, Int64)]
    )
    func `a time that people write is read`(text: String, microseconds: Int64) {
        #expect(Timestamp(reading: text, now: .now)?.microseconds == microseconds)
    }

    @Test func `without a zone, and without a date, a time is local`() throws {
        let now = Timestamp(seconds: 1_795_250_479)
        let day = try #require(Timestamp(reading: "2026-11-21", now: now))
        let time = try #require(Timestamp(reading: "2026-11-21 01:30", now: now))
        #expect(day.duration(to: time) == .seconds(5400))
        #expect(abs(day.duration(to: now).components.seconds) < 2 * 86_400)
        let clock = try #require(Timestamp(reading: "08:41:19", now: now))
        #expect(abs(clock.duration(to: now).components.seconds) < 86_400)
    }

    @Test(arguments: [
        "", "8:41", "24:00", "12:60", "2026-13-01", "2026-11-00", "2026-11-21x", "2026-11-21T",
        "12:00:00.", "12:00+1", "12:00:00+25:00", "12:00:00 Z", "٠٨:٤١",
    ])
    func `another text is no time that people write`(text: String) {
        #expect(Timestamp(reading: text, now: .now) == nil)
    }

    @Test func `a calendar's text is that of ctime`() {
        #expect(Timestamp(seconds: 0).calendarText == "Thu Jan  1 00:00:00 1970")
        #expect(Timestamp(seconds: 1_795_248_930).calendarText == "Sat Nov 21 08:15:30 2026")
    }
}
