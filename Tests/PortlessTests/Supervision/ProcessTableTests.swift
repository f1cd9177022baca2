import Testing

@testable import portless

@Suite struct ProcessTableTests {
    @Test(arguments: [
        (0, "0s"), (59, "59s"), (60, "1m"), (7200, "2h"), (200_000, "2d"), (-3, "0s"),
    ])
    func `spans of time are short`(seconds: Int64, text: String) {
        #expect(ProcessTable.span(seconds) == text)
    }

    @Test(arguments: [(0, "0M"), (52_428_800, "50M"), (1_610_612_736, "1.5G")])
    func `sizes are short`(bytes: Int64, text: String) {
        #expect(ProcessTable.size(bytes) == text)
    }
}
