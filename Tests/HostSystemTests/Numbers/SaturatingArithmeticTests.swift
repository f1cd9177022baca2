import HostSystem
import Testing

@Suite struct SaturatingArithmeticTests {
    @Test func `a number with a fraction becomes the nearest integer that fits`() {
        #expect(Int(clamping: 1.9) == 1)
        #expect(Int(clamping: -1.9) == -1)
        #expect(Int64(clamping: 1e300) == .max)
        #expect(Int64(clamping: 9_223_372_036_854_775_808.0) == .max)
        #expect(Int64(clamping: -Double.infinity) == .min)
        #expect(UInt8(clamping: -0.5) == 0)
        #expect(UInt8(clamping: -1.0) == 0)
        #expect(Int(clamping: Double.nan) == 0)
    }

    @Test func `sums, differences and products stop at the type's bounds`() {
        #expect(Int64.max.saturatingAdd(1) == .max)
        #expect(Int64.min.saturatingAdd(-1) == .min)
        #expect(Int64.max.saturatingSubtract(-1) == .max)
        #expect(Int64.min.saturatingSubtract(1) == .min)
        #expect(UInt8(3).saturatingSubtract(4) == 0)
        #expect(UInt8(200).saturatingAdd(100) == 255)
        #expect(Int64.max.saturatingMultiply(by: -2) == .min)
        #expect(Int64.min.saturatingMultiply(by: -1) == .max)
        #expect(Int64(6).saturatingMultiply(by: 7) == 42)
    }

    @Test func `a duration from outside is at most ten thousand years`() {
        #expect(Duration.clamped(milliseconds: 5000) == .seconds(5))
        #expect(Duration.clamped(milliseconds: .max) == .seconds(315_576_000_000))
        #expect(Duration.clamped(milliseconds: .min) == .seconds(-315_576_000_000))
    }
}
