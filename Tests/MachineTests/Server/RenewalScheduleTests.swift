import HostSystem
import Testing

@testable import Machine

@Suite struct RenewalScheduleTests {
    private static let start = Timestamp(seconds: 1_800_000_000)

    private func time(hours: Int) -> Timestamp {
        Timestamp(seconds: Self.start.seconds + Int64(hours) * 3600)
    }

    @Test func `it looks at once, then once a day`() {
        var schedule = RenewalSchedule()
        #expect(schedule.isDue(at: Self.start))
        schedule.looked(hasFailed: false, at: Self.start)
        #expect(!schedule.isDue(at: Self.start))
        #expect(!schedule.isDue(at: time(hours: 23)))
        #expect(schedule.isDue(at: time(hours: 24)))
        // The computer slept for a week.
        #expect(schedule.isDue(at: time(hours: 7 * 24)))
    }

    @Test func `after a failure it looks sooner, and ever more seldom`() {
        var schedule = RenewalSchedule()
        var now = Self.start
        for hours in [1, 2, 4, 8, 16, 24, 24] {
            schedule.looked(hasFailed: true, at: now)
            let next = now.seconds + Int64(hours) * 3600
            #expect(!schedule.isDue(at: Timestamp(seconds: next - 1)), "\(hours)")
            now = Timestamp(seconds: next)
            #expect(schedule.isDue(at: now), "\(hours)")
        }
        schedule.looked(hasFailed: false, at: now)
        schedule.looked(hasFailed: true, at: now)
        #expect(schedule.isDue(at: Timestamp(seconds: now.seconds + 3600)))
    }

    @Test func `a clock that is set back puts nothing off`() {
        var schedule = RenewalSchedule()
        schedule.looked(hasFailed: false, at: Self.start)
        #expect(!schedule.isDue(at: time(hours: 0)))
        #expect(schedule.isDue(at: time(hours: -1)))
        #expect(schedule.isDue(at: Timestamp(seconds: 0)))
    }
}
