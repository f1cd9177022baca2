import PortlessCore
import Testing

@testable import Runner

@Suite struct PortWatchTests {
    /// A watch with a clock that goes on by itself as long as the watch wants to wait.
    private struct Watched {
        var watch = PortWatch(assigned: 4123)
        var now = ContinuousClock.now
        var looks = 0

        mutating func look(_ ports: Set<Port>) -> PortWatch.Verdict {
            looks += 1
            return watch.observe(ports, now: now)
        }

        /// Looks at the same ports until there is more to do than to wait, or time is over.
        mutating func settle(
            on ports: Set<Port>,
            within limit: Duration = .seconds(3600),
        ) -> PortWatch.Verdict {
            let end = now.advanced(by: limit)
            while true {
                let verdict = look(ports)
                guard case .wait(let pause) = verdict, now < end else { return verdict }
                now = now.advanced(by: pause)
            }
        }

        mutating func move(to port: Port, among ports: [Port]) {
            _ = watch.moved(to: port, among: ports, now: now)
        }
    }

    @Test func `the assigned port ends the watch at once, whatever else is open`() {
        var watched = Watched()
        #expect(watched.look([9229, 4123]) == .settled)
    }

    @Test func `another port is followed only when it stays`() {
        var watched = Watched()
        guard case .wait = watched.look([8000]) else {
            Issue.record("followed at once")
            return
        }
        #expect(watched.settle(on: [8000, 9229]) == .choose([8000, 9229]))
    }

    @Test func `a debugger's port before the server's own is not followed`() {
        var watched = Watched()
        _ = watched.settle(on: [9229], within: .seconds(1))
        _ = watched.settle(on: [8000, 9229], within: .milliseconds(600))
        #expect(watched.settle(on: [4123, 8000, 9229]) == .settled)
    }

    @Test func `the server's own port is waited for beside an older one`() {
        var watched = Watched()
        _ = watched.settle(on: [9229], within: .seconds(1))
        #expect(watched.settle(on: [3000, 9229]) == .choose([3000, 9229]))
    }

    @Test func `where new ports come and go, those that stay are judged`() {
        var watched = Watched()
        var verdict = PortWatch.Verdict.settled
        for number in 0..<40 {
            verdict = watched.look([8000, Port(50_000 + number) ?? 8000])
            guard case .wait(let pause) = verdict else { break }
            watched.now = watched.now.advanced(by: pause)
        }
        #expect(verdict == .choose([8000]))
    }

    @Test func `the assigned port wins over one that was followed before`() {
        var watched = Watched()
        #expect(watched.settle(on: [9229]) == .choose([9229]))
        watched.move(to: 9229, among: [9229])
        #expect(watched.settle(on: [9229], within: .seconds(10)) != .settled)
        #expect(watched.look([4123, 9229]) == .moveToAssigned)
        watched.move(to: 4123, among: [4123])
        #expect(watched.look([4123, 9229]) == .settled)
    }

    @Test func `a port that opens later is compared with the one that was chosen`() {
        var watched = Watched()
        #expect(watched.settle(on: [9229]) == .choose([9229]))
        watched.move(to: 9229, among: [9229])
        #expect(watched.settle(on: [3000, 9229]) == .choose([9229, 3000]))
        watched.move(to: 9229, among: [9229, 3000])
        #expect(watched.settle(on: [3000, 9229]) == .settled)
    }

    @Test func `a request to look again makes it look again`() {
        var watched = Watched()
        #expect(watched.look([4123]) == .settled)
        #expect(watched.settle(on: [], within: .seconds(1)) != .settled)
        #expect(watched.settle(on: [8000]) == .choose([8000]))
        watched.move(to: 8000, among: [8000])
        #expect(watched.settle(on: [8000]) == .settled)
        #expect(watched.settle(on: [9000]) == .choose([9000]))
    }

    @Test func `pauses grow while nothing listens, and end`() {
        var watched = Watched()
        var pauses: [Duration] = []
        while case .wait(let pause) = watched.look([]) {
            pauses.append(pause)
            watched.now = watched.now.advanced(by: pause)
        }
        #expect(pauses == pauses.sorted())
        #expect(pauses.first == .milliseconds(40))
        #expect(pauses.last == .seconds(5))
        #expect(watched.looks < 150)
    }

    @Test func `ports that speak no HTTP leave the watch going`() {
        var watched = Watched()
        #expect(watched.settle(on: [9229]) == .choose([9229]))
        guard case .wait = watched.watch.notServing() else {
            Issue.record("gave up")
            return
        }
        #expect(watched.look([9229, 4123]) == .settled)
    }
}
