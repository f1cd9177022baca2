import HostSystem
import Testing

struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_042_000_000, "2000-02-29T00:00:00.042Z"),
            (1_795_246_530_999_999_999, "2026-11-21T07:35:30.999Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (.min, "1677-09-21T00:12:43.145Z"),
            (.max, "2262-04-11T23:47:16.854Z"),
        ] as [(Int64, String)]
    )
    func `a moment is written as JavaScript writes it`(moment: Int64, text: String) {
        #expect(Timestamp.text(moment) == text)
    }

    @Test(
        arguments: [
            (-62_167_219_200, "0000-01-01T00:00:00.000Z"),
            (-11_676_096_000, "1600-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.000Z"), (0, "1970-01-01T00:00:00.000Z"),
            (13_569_465_600, "2400-01-01T00:00:00.000Z"),
            (253_402_300_799, "9999-12-31T23:59:59.000Z"),
            (.min, "0000-01-01T00:00:00.000Z"), (.max, "9999-12-31T23:59:59.000Z"),
        ] as [(Int64, String)]
    )
    func `seconds have the years 0 to 9999`(seconds: Int64, text: String) {
        #expect(Timestamp.text(seconds: seconds) == text)
        let milliseconds = seconds.saturatingMultiply(by: 1000)
        #expect(Timestamp.text(milliseconds: milliseconds).prefix(19) == text.prefix(19))
    }

    @Test func `before 1970 the fraction counts upwards, too`() {
        #expect(Timestamp.text(-1_000_000) == "1969-12-31T23:59:59.999Z")
        #expect(Timestamp.text(milliseconds: -1) == "1969-12-31T23:59:59.999Z")
        #expect(Timestamp.text(.min) == "1677-09-21T00:12:43.145Z")
        #expect(Timestamp.text(.max) == "2262-04-11T23:47:16.854Z")
    }
}
