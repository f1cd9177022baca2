import HostSystem
import Testing

@testable import PortlessCore

@Suite struct IdlePolicyTests {
    private func time(_ seconds: Int64) -> Timestamp { Timestamp(seconds: 1_000_000 + seconds) }

    private func record(startedAt: Int64 = 0) -> StartRecord {
        var record = StartRecord()
        record.startedByRequest(isRunning: false, idle: .seconds(60), now: time(startedAt))
        return record
    }

    private func decide(
        _ record: inout StartRecord,
        _ use: AppUse?,
        isNeeded: Bool = false,
        at now: Int64,
    ) -> IdlePolicy.Decision {
        IdlePolicy.decide(
            &record,
            idle: .seconds(60),
            use: use,
            isNeeded: isNeeded,
            now: time(now),
        )
    }

    @Test func `it is stopped once its time without a request is over`() {
        var record = record()
        #expect(IdlePolicy.deadline(record, idle: .seconds(60)) == time(60))
        // The last request came after half of it.
        let use = AppUse(open: 0, last: time(30))
        let decision1 = decide(&record, use, at: 60)
        #expect(decision1 == .look(at: time(90)))
        #expect(IdlePolicy.deadline(record, idle: .seconds(60)) == time(90))
        let decision2 = decide(&record, use, at: 90)
        #expect(decision2 == .stop)
    }

    @Test func `not while a request is open, another app needs it, or the proxy is silent`() {
        var record = record()
        let decision3 = decide(&record, AppUse(open: 1, last: nil), at: 60)
        #expect(decision3 == .look(at: time(90)))
        // The time begins when the last one has ended.
        let decision4 = decide(&record, AppUse(open: 0, last: time(70)), at: 90)
        #expect(decision4 == .look(at: time(130)))
        let unused = AppUse(open: 0, last: time(70))
        let decision5 = decide(&record, unused, isNeeded: true, at: 130)
        #expect(decision5 == .look(at: time(160)))
        let decision6 = decide(&record, nil, at: 160)
        #expect(decision6 == .look(at: time(190)))
        let decision7 = decide(&record, unused, at: 190)
        #expect(decision7 == .stop)
    }

    @Test func `a restarted proxy, which knows nothing of before, lets it have its time again`() {
        var record = record()
        let decision8 = decide(&record, AppUse(open: 0, last: time(50)), at: 60)
        #expect(decision8 == .look(at: time(110)))
        // What it was told before holds, too.
        #expect(
            decide(&record, AppUse(open: 0, last: time(-500)), at: 109) == .look(at: time(110))
        )
        let decision9 = decide(&record, AppUse(open: 0, last: time(-500)), at: 110)
        #expect(decision9 == .stop)
    }

    @Test func `only what requests have started is stopped`() {
        var person = StartRecord()
        person.startedByPerson(now: time(0))
        let unused = AppUse(open: 0, last: nil)
        let decision10 = decide(&person, unused, at: 1_000_000)
        #expect(decision10 == .never)
        #expect(IdlePolicy.deadline(person, idle: .seconds(60)) == nil)
        var unvisited = StartRecord()
        let decision11 = decide(&unvisited, unused, at: 1_000_000)
        #expect(decision11 == .never)
        var endless = record()
        let decision = IdlePolicy.decide(
            &endless,
            idle: nil,
            use: unused,
            isNeeded: false,
            now: time(1_000_000),
        )
        #expect(decision == .never)
    }

    @Test func `a clock that was set back costs it one more pause at most`() {
        var record = record(startedAt: 1000)
        let decision12 = decide(&record, AppUse(open: 0, last: time(2000)), at: 0)
        #expect(decision12 == .look(at: time(60)))
        let decision13 = decide(&record, AppUse(open: 0, last: nil), at: 60)
        #expect(decision13 == .stop)
    }
}
