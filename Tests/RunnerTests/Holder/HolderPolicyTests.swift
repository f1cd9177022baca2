import HostSystem
import SystemPackage
import Testing

@testable import Runner

@Suite struct HolderPolicyTests {
    private let clock = ContinuousClock.Instant.now
    private let ready = StartReport.ready(version: "1.0.0")

    /// A policy whose first daemon, 100, serves.
    private func serving() -> HolderPolicy {
        var policy = HolderPolicy(executable: "/old")
        #expect(policy.start() == [.spawn("/old")])
        policy.spawned(100, now: clock)
        #expect(policy.reported(ready, by: 100) == [.report(ready)])
        return policy
    }

    private func death(
        _ pid: Int32,
        _ end: ProcessEnd = .signalled(.kill),
        version: String? = "1.0.0",
        pause: Duration?,
    ) -> HolderPolicy.Action {
        .noteDeath(DaemonDeath(pid: pid, end: end, version: version, pause: pause))
    }

    @Test func `a first daemon that fails ends the holder with its reason`() {
        var policy = HolderPolicy(executable: "/old")
        _ = policy.start()
        policy.spawned(100, now: clock)
        let failure = StartReport.failed(sentence: "No.", remedy: nil)
        #expect(policy.reported(failure, by: 100) == [])
        #expect(
            policy.ended(100, .exited(1), now: clock) == [.report(failure), .end(code: 1)]
        )
    }

    @Test func `a program that can't be run is told as well`() {
        var policy = HolderPolicy(executable: "/none")
        _ = policy.start()
        let failure = StartReport.failed(sentence: "run /none: No such file", remedy: nil)
        #expect(policy.failed(failure, now: clock) == [.report(failure), .end(code: 1)])
    }

    @Test func `the holder's own program replaces one whose file is gone`() {
        var policy = serving()
        #expect(policy.replace(with: "/new") == [.spawn("/new")])
        policy.spawned(101, now: clock)
        _ = policy.reported(ready, by: 101)
        _ = policy.ended(100, .exited(0), now: clock)
        #expect(policy.ended(101, .signalled(.kill), now: clock) == [death(101, pause: .zero)])
        #expect(policy.passDeadlines(now: clock) == [.spawn("/new")])
        let failure = StartReport.failed(sentence: "run /new: No such file", remedy: nil)
        #expect(policy.failed(failure, now: clock) == [.spawn("/old")])
        policy.spawned(102, now: clock)
        #expect(policy.reported(ready, by: 102) == [])
        #expect(
            policy.ended(102, .signalled(.kill), now: clock) == [
                death(102, pause: .milliseconds(500))
            ]
        )
    }

    @Test func `a daemon that dies is started again at once`() {
        var policy = serving()
        #expect(policy.ended(100, .signalled(.kill), now: clock) == [death(100, pause: .zero)])
        #expect(policy.deadline == clock)
        #expect(policy.passDeadlines(now: clock) == [.spawn("/old")])
        policy.spawned(101, now: clock)
        // The command that started the holder has its answer already.
        #expect(policy.reported(ready, by: 101) == [])
    }

    @Test func `the fifth death within a minute is the last one`() {
        var policy = serving()
        var now = clock
        for (index, pause) in [0, 500, 1000, 1500].enumerated() {
            let pid = Int32(100 + index)
            let expected = death(pid, pause: .milliseconds(pause))
            #expect(policy.ended(pid, .signalled(.kill), now: now) == [expected])
            now += .milliseconds(pause)
            #expect(policy.passDeadlines(now: now) == [.spawn("/old")])
            policy.spawned(pid + 1, now: now)
            _ = policy.reported(ready, by: pid + 1)
        }
        #expect(
            policy.ended(104, .signalled(.kill), now: now)
                == [death(104, pause: nil), .end(code: 1)]
        )
    }

    @Test func `deaths that are more than a minute apart don't add up`() {
        var policy = serving()
        var now = clock
        for pid in Int32(100)..<130 {
            #expect(
                policy.ended(pid, .signalled(.kill), now: now) == [death(pid, pause: .zero)]
            )
            _ = policy.passDeadlines(now: now)
            policy.spawned(pid + 1, now: now)
            _ = policy.reported(ready, by: pid + 1)
            now += .seconds(61)
        }
    }

    @Test func `a daemon that ends in order ends the holder`() {
        var policy = serving()
        #expect(policy.ended(100, .exited(0), now: clock) == [.end(code: 0)])
    }

    @Test func `a replacement that serves retires the daemon before it`() {
        var policy = serving()
        #expect(policy.replace(with: "/new") == [.spawn("/new")])
        policy.spawned(101, now: clock)
        #expect(
            policy.reported(ready, by: 101)
                == [.send(HolderPolicy.retireSignal, to: 100), .answer(ready)]
        )
        #expect(policy.ended(100, .exited(0), now: clock) == [])
        // From now on the new program is the one that is started again.
        _ = policy.ended(101, .signalled(.kill), now: clock)
        #expect(policy.passDeadlines(now: clock) == [.spawn("/new")])
    }

    @Test func `a replacement that fails leaves the daemon before it in place`() {
        var policy = serving()
        _ = policy.replace(with: "/new")
        policy.spawned(101, now: clock)
        let failure = StartReport.failed(sentence: "No.", remedy: nil)
        _ = policy.reported(failure, by: 101)
        #expect(policy.ended(101, .exited(1), now: clock) == [.answer(failure)])
        _ = policy.ended(100, .signalled(.kill), now: clock)
        #expect(policy.passDeadlines(now: clock) == [.spawn("/old")])
    }

    @Test func `a replacement that says nothing is killed, and its command is told`() {
        var policy = serving()
        _ = policy.replace(with: "/new")
        policy.spawned(101, now: clock)
        let late = clock + HolderPolicy.startLimit
        #expect(policy.deadline == late)
        #expect(policy.passDeadlines(now: late) == [.send(.kill, to: 101)])
        let actions = policy.ended(101, .signalled(.kill), now: late)
        guard case .answer(.failed(let sentence, _)) = actions.first else {
            Issue.record("\(actions)")
            return
        }
        #expect(sentence.contains("20 seconds"))
        #expect(policy.deadline == nil)
    }

    @Test func `one replacement at a time`() {
        var policy = serving()
        _ = policy.replace(with: "/new")
        guard case .answer(.failed) = policy.replace(with: "/newer").first else {
            Issue.record("a second replacement was begun")
            return
        }
    }

    @Test func `a daemon that dies while its replacement starts isn't started a second time`() {
        var policy = serving()
        _ = policy.replace(with: "/new")
        policy.spawned(101, now: clock)
        #expect(policy.ended(100, .signalled(.kill), now: clock) == [death(100, pause: .zero)])
        #expect(policy.passDeadlines(now: clock + .seconds(1)) == [])
        #expect(policy.reported(ready, by: 101) == [.answer(ready)])
    }

    @Test func `a replacement is welcome while the holder pauses`() {
        var policy = serving()
        _ = policy.ended(100, .signalled(.kill), now: clock)
        #expect(policy.replace(with: "/new") == [.spawn("/new")])
        policy.spawned(101, now: clock)
        #expect(policy.passDeadlines(now: clock + .seconds(1)) == [])
        #expect(policy.reported(ready, by: 101) == [.answer(ready)])
    }

    @Test func `a stop asks all daemons, waits for them, and kills those that stay`() {
        var policy = serving()
        _ = policy.replace(with: "/new")
        policy.spawned(101, now: clock)
        _ = policy.reported(ready, by: 101)
        #expect(
            policy.stop(now: clock) == [.send(.terminate, to: 100), .send(.terminate, to: 101)]
        )
        #expect(policy.ended(101, .exited(0), now: clock) == [])
        let late = clock + HolderPolicy.stopLimit
        #expect(policy.passDeadlines(now: late) == [.send(.kill, to: 100)])
        #expect(policy.ended(100, .signalled(.kill), now: late) == [.end(code: 0)])
    }

    @Test func `a stop during a pause ends at once`() {
        var policy = serving()
        _ = policy.ended(100, .signalled(.kill), now: clock)
        #expect(policy.stop(now: clock) == [.end(code: 0)])
        #expect(policy.passDeadlines(now: clock + .seconds(1)) == [])
    }
}
