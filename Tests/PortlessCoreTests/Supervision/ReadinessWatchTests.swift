import Testing

@testable import PortlessCore

@Suite struct ReadinessWatchTests {
    private let start = ContinuousClock.now

    @Test func `the assigned port means ready, at once`() {
        var watch = ReadinessWatch(assigned: [4000], now: start)
        #expect(watch.observe([4000, 9229], now: start) == .ready)
    }

    @Test func `another port counts once it is all there is for a while`() {
        var watch = ReadinessWatch(assigned: [4000], now: start)
        guard case .wait = watch.observe([5173], now: start) else {
            Issue.record("too soon")
            return
        }
        let later = start.advanced(by: .milliseconds(1500))
        #expect(watch.observe([5173], now: later) == .elsewhere([5173]))
    }

    @Test func `a change of ports starts the wait anew, and patience ends`() {
        var watch = ReadinessWatch(assigned: [4000], now: start)
        _ = watch.observe([5173], now: start)
        let later = start.advanced(by: .milliseconds(1500))
        guard case .wait = watch.observe([5173, 9229], now: later) else {
            Issue.record("a new port was taken at once")
            return
        }
        guard case .late = watch.observe([], now: start.advanced(by: .seconds(30))) else {
            Issue.record("waits for ever")
            return
        }
    }

    @Test func `a second look leaves the other ports out, and ends with its patience`() {
        var watch = ReadinessWatch(again: 4000, others: [4000, 4001], now: start)
        guard case .wait = watch.observe([4001, 5173], now: start) else {
            Issue.record("a port beside it counted as its own")
            return
        }
        let later = start.advanced(by: .milliseconds(1500))
        #expect(watch.observe([4001, 5173], now: later) == .elsewhere([5173]))
        #expect(watch.observe([4001], now: start.advanced(by: .seconds(30))) == .unchanged)
        #expect(watch.observe([4000, 4001], now: later) == .ready)
    }
}
