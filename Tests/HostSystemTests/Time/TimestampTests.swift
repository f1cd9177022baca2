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
}
