import HostSystem
import SystemPackage
import Testing

@testable import PortlessCore

@Suite struct ProcessLifeTests {
    private let start = ContinuousClock.now

    private func life(_ change: (inout PlannedProcess) -> Void = { _ in }) -> ProcessLife {
        var plan = PlannedProcess(name: "web", command: ["x"], directory: "/", environment: [:])
        change(&plan)
        return ProcessLife(plan)
    }

    private func after(_ duration: Duration) -> ContinuousClock.Instant {
        start.advanced(by: duration)
    }

    @Test func `it starts, gets ready and is stopped, by force if need be`() {
        var life = life { $0.killTimeout = .seconds(3) }
        #expect(life.state(now: start) == .notStarted)
        #expect(life.start(now: start) == [.spawn])
        life.spawned(isReady: false, now: start)
        #expect(life.state(now: start) == .starting)
        life.becameReady()
        #expect(life.state(now: start) == .online)
        #expect(life.stop(now: start) == [.terminate])
        #expect(life.state(now: start) == .stopping)
        #expect(life.deadlinePassed(now: after(.seconds(2))) == [])
        #expect(life.deadlinePassed(now: after(.seconds(3))) == [.kill])
        let actions = life.ended(.signal(9), hasSurvivors: false, now: after(.seconds(3)))
        #expect(actions == [])
        #expect(life.state(now: start) == .stopped)
    }

    @Test func `what waits for a late one says so, until that listens`() {
        var late = life()
        _ = late.start(now: start)
        late.spawned(isReady: false, now: start)
        late.becameLate(reason: "It doesn't listen on port 4000 yet.")
        #expect(late.state(now: start) == .online)
        #expect(standing(late) == .coming(late: "web"))
        late.becameReady()
        #expect(standing(late) == .there)
        #expect(late.reason == nil)
        var waiting = life { $0.dependencies = ["web"] }
        #expect(waiting.start(now: start) == [])
        waiting.waits(for: "web")
        #expect(waiting.state(now: start) == .starting)
        #expect(waiting.reason == "It waits for web, which doesn't listen yet.")
        // What waits for the waiting one waits for the same.
        #expect(standing(waiting) == .coming(late: "web"))
        waiting.waits(for: nil)
        #expect(waiting.reason == nil)
        waiting.waits(for: "web")
        #expect(waiting.dependenciesMet() == [.spawn])
        #expect(standing(waiting) == .coming(late: nil))
        #expect(waiting.reason == nil)
    }

    @Test func `what waits for another one names it, and has a reason only if that is late`() {
        var waiting = life { $0.dependencies = ["db"] }
        _ = waiting.start(now: start)
        waiting.waits(for: nil, on: "db")
        #expect(waiting.awaited == "db")
        #expect(waiting.reason == nil)
        #expect(standing(waiting) == .coming(late: nil))
    }

    @Test func `one that ends again and again holds up what waits for it`() {
        var loop = life { $0.restart.delay = .seconds(1) }
        _ = loop.start(now: start)
        for _ in 0..<3 {
            loop.spawned(isReady: false, now: start)
            _ = loop.ended(.code(1), hasSurvivors: false, now: start)
        }
        #expect(loop.state(now: start) == .crashLooping)
        #expect(standing(loop) == .coming(late: "web"))
    }

    @Test func `restarts count from when it was brought up`() {
        var life = life()
        _ = life.start(now: start)
        life.spawned(isReady: true, now: start)
        _ = life.restart(now: start)
        #expect(life.restarts == 1)
        life.forgetRestarts()
        #expect(life.restarts == 0)
    }

    @Test func `a task is there once it has ended well`() {
        var task = life { $0.restart.isAutomatic = false }
        _ = task.start(now: start)
        task.spawned(isReady: true, now: start)
        #expect(standing(task, isTask: true) == .coming(late: nil))
        _ = task.ended(.code(0), hasSurvivors: false, now: start)
        #expect(standing(task, isTask: true) == .coming(late: nil))
        #expect(standing(task, isTask: true, hasEndedWell: true) == .there)
    }

    @Test func `a process with a health check is there while it passes`() {
        var life = life()
        _ = life.start(now: start)
        life.spawned(isReady: true, now: start)
        var health = HealthWatch(HealthCheck(path: "/"), now: start, time: .now)
        #expect(standing(life, health: health) == .coming(late: nil))
        #expect(standing(life, health: health, now: after(.seconds(30))) == .coming(late: "web"))
        health.answered(nil, now: start, time: .now)
        #expect(standing(life, health: health) == .there)
        for _ in 1...3 { health.answered("answers / with 500", now: start, time: .now) }
        #expect(standing(life, health: health) == .coming(late: "web"))
        var waiting = self.life { $0.dependencies = ["web"] }
        _ = waiting.start(now: start)
        waiting.waits(for: "web", on: "web", problem: health.health.problem)
        #expect(
            waiting.reason == "It waits for web, which isn't healthy: it answers / with 500."
        )
    }

    private func standing(
        _ life: ProcessLife,
        isTask: Bool = false,
        hasEndedWell: Bool = false,
        health: HealthWatch? = nil,
        now: ContinuousClock.Instant? = nil,
    ) -> ProcessLife.Standing {
        life.standing(
            of: "web",
            isTask: isTask,
            hasEndedWell: hasEndedWell,
            health: health,
            now: now ?? start,
        )
    }

    @Test func `quick ends are counted, and the last one is the last`() {
        var life = life { $0.restart.limit = 3 }
        _ = life.start(now: start)
        for count in 1...2 {
            life.spawned(isReady: true, now: start)
            let actions = life.ended(.code(1), hasSurvivors: false, now: after(.milliseconds(999)))
            #expect(actions == [.spawn])
            #expect(life.unstableRestarts == count)
        }
        life.spawned(isReady: true, now: start)
        _ = life.ended(.code(1), hasSurvivors: false, now: start)
        #expect(life.state(now: start) == .errored)
        #expect(life.reason == "It exited with code 1, 3 times in a row soon after its start.")
        #expect(life.restarts == 2)
    }

    @Test func `an end after the minimum uptime resets the count`() {
        var life = life { $0.restart.limit = 2 }
        _ = life.start(now: start)
        life.spawned(isReady: true, now: start)
        _ = life.ended(.code(1), hasSurvivors: false, now: start)
        life.spawned(isReady: true, now: start)
        _ = life.ended(.code(1), hasSurvivors: false, now: after(.seconds(1)))
        #expect(life.unstableRestarts == 0)
    }

    @Test func `pauses grow by half up to 15 seconds`() {
        var life = life {
            $0.restart.backoff = .seconds(8)
            $0.restart.limit = 10
        }
        _ = life.start(now: start)
        var pauses: [Duration] = []
        for _ in 0..<4 {
            life.spawned(isReady: true, now: start)
            _ = life.ended(.code(1), hasSurvivors: false, now: start)
            if let deadline = life.deadline { pauses.append(start.duration(to: deadline)) }
            #expect(life.deadlinePassed(now: after(.seconds(20))) == [.spawn])
        }
        #expect(pauses == [.seconds(8), .seconds(12), .seconds(15), .seconds(15)])
    }

    @Test func `three quick ends in a row are a loop until one lasts`() {
        var life = life()
        _ = life.start(now: start)
        for _ in 0..<3 {
            life.spawned(isReady: true, now: start)
            _ = life.ended(.code(1), hasSurvivors: false, now: start)
        }
        life.spawned(isReady: true, now: start)
        #expect(life.state(now: start) == .crashLooping)
        #expect(life.state(now: after(.seconds(1))) == .online)
        #expect(life.deadlinePassed(now: after(.seconds(1))) == [])
        #expect(life.unstableRestarts == 0)
    }

    @Test func `final codes and switched off restarts end it, well or badly`() {
        var good = life { $0.restart.finalCodes = [0] }
        _ = good.start(now: start)
        good.spawned(isReady: true, now: start)
        _ = good.ended(.code(0), hasSurvivors: false, now: start)
        #expect(good.state(now: start) == .stopped)
        var bad = life { $0.restart.isAutomatic = false }
        _ = bad.start(now: start)
        bad.spawned(isReady: true, now: start)
        _ = bad.ended(.signal(11), hasSurvivors: false, now: start)
        #expect(bad.state(now: start) == .errored)
        #expect(bad.reason == "It was ended by signal 11.")
    }

    @Test func `what a crash leaves behind is ended before the next start`() {
        var life = life()
        _ = life.start(now: start)
        life.spawned(isReady: true, now: start)
        #expect(life.ended(.code(1), hasSurvivors: true, now: start) == [.terminate])
        #expect(life.gone(now: start) == [.spawn])
    }

    @Test func `an orderly end with survivors is a way into the background`() {
        var life = life()
        _ = life.start(now: start)
        life.spawned(isReady: true, now: start)
        #expect(life.ended(.code(0), hasSurvivors: true, now: start) == [.adoptSurvivors])
        #expect(life.state(now: start) == .online)
    }

    @Test func `requests that cross one another end as the last one wants`() {
        var life = life()
        _ = life.start(now: start)
        life.spawned(isReady: true, now: start)
        _ = life.stop(now: start)
        #expect(life.start(now: start) == [])
        #expect(life.ended(.code(0), hasSurvivors: false, now: start) == [.spawn])
        life.spawned(isReady: true, now: start)
        _ = life.restart(now: start)
        _ = life.stop(now: start)
        #expect(life.ended(.code(0), hasSurvivors: false, now: start) == [])
        #expect(life.state(now: start) == .stopped)
    }

    @Test func `a stop reaches one that waits or pauses`() {
        var waiting = life { $0.dependencies = ["db"] }
        #expect(waiting.start(now: start) == [])
        #expect(waiting.state(now: start) == .starting)
        #expect(waiting.stop(now: start) == [])
        #expect(waiting.dependenciesMet() == [])
        #expect(waiting.state(now: start) == .stopped)
    }

    @Test func `one that survives even force is given up, not waited for`() {
        var life = life()
        _ = life.start(now: start)
        life.spawned(isReady: true, now: start)
        _ = life.stop(now: start)
        _ = life.deadlinePassed(now: after(.seconds(2)))
        _ = life.deadlinePassed(now: after(.seconds(5)))
        #expect(life.state(now: start) == .errored)
    }

    @Test func `what lacks something to start with is tried again, and says so once`() {
        var life = life()
        #expect(life.start(now: start) == [.spawn])
        #expect(life.couldNotSpawnYet("No descriptors.", now: start).count == 1)
        #expect(life.state(now: start) == .starting)
        #expect(life.reason == "No descriptors.")
        #expect(life.isHeldUp)
        let standing = life.standing(of: "web", isTask: false, hasEndedWell: false, now: start)
        #expect(standing == .coming(late: "web"))
        #expect(life.deadlinePassed(now: after(.milliseconds(500))) == [])
        #expect(life.deadlinePassed(now: after(.seconds(1))) == [.spawn])
        #expect(life.couldNotSpawnYet("No descriptors.", now: after(.seconds(1))) == [])
        #expect(life.deadlinePassed(now: after(.seconds(2))) == [.spawn])
        life.spawned(isReady: true, now: after(.seconds(2)))
        #expect(life.state(now: after(.seconds(2))) == .online)
        #expect(life.reason == nil)
        #expect(!life.isHeldUp)
        #expect(life.restarts == 0)
    }

    @Test func `what may run elsewhere isn't called stopped`() {
        var life = life()
        life.restore(.unknown, restarts: 2, unstableRestarts: 0, reason: "Elsewhere.")
        #expect(life.stop(now: start) == [])
        #expect(life.state(now: start) == .unknown)
        #expect(life.reason == "Elsewhere.")
        #expect(life.start(now: start) == [.spawn])
    }
}
