import PortlessCore
import Testing

@testable import Runner

/// What a `PortWatch` says of a process that is waited for.
struct ReadinessTests {
    private let start = ContinuousClock.now
    private var watch = PortWatch(assigned: 4000, others: [4000, 4001], isAwaited: true)

    private func after(_ seconds: Double) -> ContinuousClock.Instant {
        start.advanced(by: .seconds(seconds))
    }

    @Test mutating func `the assigned port means ready, at once`() {
        #expect(watch.observe([4000, 9229], now: start) == .settled)
        #expect(watch.isReady)
    }

    @Test mutating func `any of its ports means ready, and the assigned one is still looked for`() {
        guard case .wait = watch.observe([4001], now: start) else {
            Issue.record("took another port for the assigned one")
            return
        }
        #expect(watch.isReady)
        #expect(watch.observe([4000, 4001], now: after(1)) == .settled)
    }

    @Test mutating func `another port counts once it is all there is for a while`() {
        guard case .wait = watch.observe([5173], now: start) else {
            Issue.record("too soon")
            return
        }
        #expect(!watch.isReady)
        #expect(watch.observe([5173], now: after(1.5)) == .choose([5173]))
        _ = watch.moved(to: 5173, among: [5173], now: after(1.5))
        #expect(watch.isReady)
    }

    @Test mutating func `a change of ports starts the wait again, and patience ends`() {
        _ = watch.observe([5173], now: start)
        guard case .wait = watch.observe([5173, 9229], now: after(1.5)) else {
            Issue.record("a new port was taken at once")
            return
        }
        _ = watch.observe([], now: after(29))
        #expect(!watch.isLate(at: after(29)))
        #expect(watch.isLate(at: after(30)))
    }

    @Test mutating func `one that never listens is looked at for ever, seldom`() {
        for second in 0..<1000 { _ = watch.observe([], now: after(Double(second))) }
        #expect(watch.observe([], now: after(1000)) == .wait(.seconds(5)))
        var unasked = PortWatch(assigned: 4000)
        _ = unasked.observe([], now: start)
        #expect(unasked.observe([], now: after(1000)) == .settled)
    }

    @Test mutating func `a second look leaves the other ports out, and ends with its patience`() {
        #expect(watch.observe([4000], now: start) == .settled)
        guard case .wait = watch.observe([4001, 5173], now: start) else {
            Issue.record("a port beside it counted as its own")
            return
        }
        #expect(watch.observe([4001, 5173], now: after(1.5)) == .choose([5173]))
        #expect(watch.observe([4001], now: after(600)) == .settled)
        #expect(watch.observe([4000, 4001], now: after(601)) == .settled)
    }

    @Test func `a process without an assigned port is ready on any of its ports`() {
        var watch = PortWatch(assigned: nil, others: [4001], isAwaited: true)
        _ = watch.observe([9229], now: start)
        #expect(!watch.isReady)
        #expect(watch.observe([4001, 9229], now: after(1)) == .settled)
        #expect(watch.isReady)
    }

    @Test func `names that lead elsewhere already go back as soon as the assigned port is open`() {
        var watch = PortWatch(assigned: 4000, current: 5173, isAwaited: true)
        #expect(watch.observe([4000, 5173], now: start) == .moveToAssigned)
    }
}
