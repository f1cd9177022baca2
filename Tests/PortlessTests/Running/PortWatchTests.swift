import PortlessCore
import Testing

@testable import portless

@Suite struct PortWatchTests {
    /// Observes the same ports until there is a verdict, and how many looks that took.
    private func settle(_ watch: inout PortWatch, on ports: Set<Port>) -> PortWatch.Verdict {
        for _ in 0..<100 {
            let verdict = watch.observe(ports)
            if case .wait = verdict { continue }
            return verdict
        }
        return .wait(.zero)
    }

    @Test func `the assigned port ends the watch at once, whatever else is open`() {
        var watch = PortWatch(assigned: 4123)
        #expect(watch.observe([9229, 4123]) == .asAssigned)
    }

    @Test func `another port is followed only when it is all there is for a while`() {
        var watch = PortWatch(assigned: 4123)
        guard case .wait = watch.observe([8000]) else {
            Issue.record("followed at once")
            return
        }
        #expect(settle(&watch, on: [8000, 9229]) == .elsewhere([8000, 9229]))
    }

    @Test func `a debugger's port before the server's own is not followed`() {
        var watch = PortWatch(assigned: 4123)
        for _ in 0..<3 { _ = watch.observe([9229]) }
        #expect(watch.observe([9229, 4123]) == .asAssigned)
    }

    @Test func `pauses grow while nothing listens`() {
        var watch = PortWatch(assigned: 4123)
        var pauses: [Duration] = []
        for _ in 0..<40 {
            if case .wait(let pause) = watch.observe([]) { pauses.append(pause) }
        }
        #expect(pauses == pauses.sorted())
        #expect(pauses.first == .milliseconds(40))
        #expect(pauses.last == .seconds(5))
    }

    @Test func `ports that speak no HTTP leave the watch going`() {
        var watch = PortWatch(assigned: 4123)
        #expect(settle(&watch, on: [9229]) == .elsewhere([9229]))
        guard case .wait = watch.notServing() else {
            Issue.record("gave up")
            return
        }
        #expect(watch.observe([9229, 4123]) == .asAssigned)
    }
}
