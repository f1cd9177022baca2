import PortlessCore
import Testing

@testable import Projects

@Suite struct PM2UnitsTests {
    @Test(
        arguments: [
            ("300M", 314_572_800), ("1G", 1_073_741_824), ("99999999999999G", .max),
            ("1e14G", .max), ("5", 5),
        ] as [(String, Int64)]
    )
    func `sizes end at the largest number`(text: String, bytes: Int64) {
        #expect(PM2Units.bytes(text) == bytes)
    }

    @Test(arguments: ["", "G", "-1M", "nan", "inf", "infG", "1e999", "0"])
    func `what is no size is none`(text: String) {
        #expect(PM2Units.bytes(text) == nil)
    }

    @Test func `times end after ten thousand years`() {
        #expect(PM2Units.duration("10s") == .seconds(10))
        #expect(PM2Units.duration("999999999999h") == .seconds(315_576_000_000))
        #expect(PM2Units.duration("1e300") == nil)
    }
}
