import Testing

@testable import PortlessCore

@Suite struct LogStampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"),
            (951_782_399_999_999, "2000-02-28T23:59:59.999999Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (1_795_250_479_123_456, "2026-11-21T08:41:19.123456Z"),
            (4_107_542_400_000_001, "2100-03-01T00:00:00.000001Z"),
        ] as [(Int64, String)]
    )
    func `stamps are written and read back`(time: Int64, text: String) {
        #expect(LogStamp.text(time) == text)
        #expect(LogStamp.parse(Array(text.utf8)) == time)
    }

    @Test(
        arguments: [
            (.min, "0000-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
            (.max, "9999-12-31T23:59:59.999999Z"),
        ] as [(Int64, String)]
    )
    func `any number is a stamp of its length`(time: Int64, text: String) {
        #expect(LogStamp.text(time) == text)
    }

    @Test(arguments: [
        "", "2026-11-21 08:41:19.123456Z", "2026-11-21T08:41:19.12345xZ",
        "9999-99-99T99:99:99.999999Z",
    ])
    func `other texts are no stamps`(text: String) {
        #expect(LogStamp.parse(Array(text.utf8)) == nil)
    }
}
