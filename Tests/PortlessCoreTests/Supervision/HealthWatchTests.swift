import HostSystem
import Testing

@testable import PortlessCore

@Suite struct HealthWatchTests {
    private let start = ContinuousClock.now
    private let time = Timestamp(seconds: 1000)

    @Test func `it is healthy from the first good answer on, and unhealthy after three bad ones`() {
        var watch = watch()
        #expect(watch.health.state == .starting && watch.next == start)
        answer("answers / with 503", &watch, at: 1)
        #expect(watch.health.state == .starting && watch.health.since == time)
        #expect(watch.health.problem == "answers / with 503")
        answer(nil, &watch, at: 2)
        #expect(watch.health == health(.healthy, since: 2))
        for second in 3...4 { answer("is silent", &watch, at: second) }
        #expect(watch.health == health(.healthy, since: 2))
        // One good answer is enough to begin again.
        answer(nil, &watch, at: 5)
        for second in 6...8 { answer("is silent", &watch, at: second) }
        #expect(watch.health.state == .unhealthy && watch.health.problem == "is silent")
        // Since the first of them.
        #expect(watch.health.since == Timestamp(seconds: 1006))
        answer(nil, &watch, at: 9)
        #expect(watch.health == health(.healthy, since: 9))
    }

    @Test func `it asks less often once all is well, and never without a pause`() {
        var watch = watch(interval: .milliseconds(50))
        watch.asked()
        #expect(watch.next == nil)
        answer("refuses", &watch, at: 1)
        #expect(pause(watch, at: 1) == .milliseconds(50))
        // It has had its time.
        answer("refuses", &watch, at: 31)
        #expect(pause(watch, at: 31) == .seconds(1))
        answer(nil, &watch, at: 32)
        #expect(pause(watch, at: 32) == .seconds(5))
        answer("refuses", &watch, at: 37)
        #expect(pause(watch, at: 37) == .seconds(1))
        var slow = self.watch(interval: .seconds(60))
        for second in 1...5 {
            answer(second == 1 ? nil : "refuses", &slow, at: second)
            #expect(pause(slow, at: second) == .seconds(60))
        }
    }

    @Test func `it is late after half a minute, or when it isn't healthy any more`() {
        var watch = watch()
        #expect(!watch.isLate(at: start.advanced(by: .seconds(29))))
        #expect(watch.isLate(at: start.advanced(by: .seconds(30))))
        answer(nil, &watch, at: 40)
        #expect(!watch.isLate(at: start.advanced(by: .seconds(90))))
        for second in 41...43 { answer("refuses", &watch, at: second) }
        #expect(watch.isLate(at: start.advanced(by: .seconds(43))))
    }

    private func watch(interval: Duration = .milliseconds(500)) -> HealthWatch {
        var check = HealthCheck(path: "/")
        check.interval = interval
        return HealthWatch(check, now: start, time: time)
    }

    private func answer(_ problem: String?, _ watch: inout HealthWatch, at second: Int) {
        watch.answered(
            problem,
            now: start.advanced(by: .seconds(second)),
            time: Timestamp(seconds: 1000 + Int64(second)),
        )
    }

    private func pause(_ watch: HealthWatch, at second: Int) -> Duration? {
        watch.next.map { start.advanced(by: .seconds(second)).duration(to: $0) }
    }

    private func health(_ state: ProcessHealth.State, since second: Int64) -> ProcessHealth {
        ProcessHealth(state: state, since: Timestamp(seconds: 1000 + second))
    }
}
