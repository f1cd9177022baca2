import HostSystem
import SystemPackage
import Testing

@testable import PortlessCore

@Suite struct StartRecordTests {
    private func app(_ states: ProcessState..., reason: String? = nil) throws -> SupervisedApp {
        let port: Port = 5570
        return SupervisedApp(
            name: try AppName(parsing: "shop"),
            directory: "/shop",
            processes: states.enumerated().map { index, state in
                var process = SupervisedProcess(
                    name: "p\(index)",
                    state: state,
                    ports: [.init(label: "ui", port: port)],
                    primaryPort: port,
                )
                process.reason = reason
                return process
            },
        )
    }

    private func time(_ seconds: Int64) -> Timestamp { Timestamp(seconds: 1_000_000 + seconds) }

    @Test func `what rests is started, and what comes or runs is not`() throws {
        var record = StartRecord()
        for state in [ProcessState.stopped, .notStarted, .stopping] {
            let decision = record.decide(try app(state), now: time(0))
            #expect(decision == .start, "\(state)")
        }
        for state in [ProcessState.online, .starting, .crashLooping] {
            let decision = record.decide(try app(state), now: time(0))
            #expect(decision == .coming, "\(state)")
        }
        // One of two was stopped by its user.
        let partly = record.decide(try app(.online, .stopped), now: time(0))
        #expect(partly == .start)
        var broken = try app(.stopped)
        broken.problem = "plan.json can't be understood"
        let unclear = record.decide(broken, now: time(0))
        #expect(unclear == .unclear("plan.json can't be understood"))
    }

    @Test func `after each failure it is left alone for longer`() throws {
        var record = StartRecord()
        let failed = try app(.errored, reason: "It exited with code 3.")
        var now: Int64 = 0
        var pauses: [Int64] = []
        for _ in 0..<9 {
            record.startedByRequest(isRunning: false, idle: nil, now: time(now))
            // Any number of requests see the same failure.
            for _ in 0..<50 {
                guard
                    case .failed(let process, let reason, _) = record.decide(
                        failed,
                        now: time(now),
                    )
                else {
                    Issue.record("it is started again at once")
                    return
                }
                #expect(process == "p0" && reason == "It exited with code 3.")
            }
            let began = now
            while record.decide(failed, now: time(now)) != .start { now += 1 }
            pauses.append(now - began)
        }
        #expect(pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300])
        // It works again.
        record.startedByRequest(isRunning: false, idle: nil, now: time(now))
        let decision = record.decide(try app(.online), now: time(now))
        #expect(decision == .coming)
        #expect(record.failures == 0)
    }

    @Test func `a clock that was set back starts it rather than never`() throws {
        var record = StartRecord()
        record.startedByRequest(isRunning: false, idle: nil, now: time(1000))
        let failed = try app(.errored)
        guard case .failed = record.decide(failed, now: time(1001)) else {
            Issue.record("it has failed")
            return
        }
        let decision = record.decide(failed, now: time(0))
        #expect(decision == .start)
    }

    @Test func `a server that ends by itself has failed, and one that was stopped has not`() throws
    {
        var record = StartRecord()
        record.startedByRequest(isRunning: false, idle: nil, now: time(0))
        var ended = try app(.stopped)
        ended.processes[0].lastExit = ProcessExit(
            cause: .code(0),
            time: time(1),
            uptime: .seconds(1),
            wasRequested: false,
        )
        guard case .failed(_, let reason, _) = record.decide(ended, now: time(2)) else {
            Issue.record("it would be started again and again")
            return
        }
        #expect(reason == "It exited with code 0.")
        ended.processes[0].lastExit?.wasRequested = true
        let decision = record.decide(ended, now: time(2))
        #expect(decision == .start)
    }

    @Test func `what a person started stays that person's`() {
        var record = StartRecord()
        record.startedByRequest(isRunning: false, idle: .seconds(9), now: time(0))
        #expect(record.starter == .request && record.idle == .seconds(9))
        record.startedByPerson(now: time(1))
        #expect(record.starter == .person && record.idle == nil)
        // A request starts another process of it.
        record.startedByRequest(isRunning: true, idle: .seconds(9), now: time(2))
        #expect(record.starter == .person)
        record.stoppedByPerson()
        #expect(record.starter == nil && record.isStopped)
        record.startedByRequest(isRunning: false, idle: nil, now: time(3))
        #expect(record.starter == .request && !record.isStopped)
        // It ran before anything was known of it.
        var unknown = StartRecord()
        unknown.startedByRequest(isRunning: true, idle: nil, now: time(4))
        #expect(unknown.starter == .person)
    }

    @Test func `requests start so many apps a minute, and no more`() {
        var rate = StartRate()
        let start = ContinuousClock.now
        let taken = (0..<100).filter { _ in rate.take(now: start) }
        #expect(taken.count == 30)
        let late = [59, 60].map { rate.take(now: start.advanced(by: .seconds($0))) }
        #expect(late == [false, true])
    }
}
