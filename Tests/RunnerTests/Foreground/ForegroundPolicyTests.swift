import HostSystem
import Testing

@testable import Runner

struct ForegroundPolicyTests {
    private let start = ContinuousClock.now
    private var policy = ForegroundPolicy(.alone(hasTerminal: true))

    @Test mutating func `a second Ctrl-C is harsher, a third final`() {
        #expect(policy.receive(.interrupt, now: start) == [.send(.interrupt)])
        #expect(policy.receive(.interrupt, now: after(1)) == [.send(.terminate)])
        #expect(policy.receive(.interrupt, now: after(2)) == [.send(.kill)])
        #expect(policy.receive(.interrupt, now: after(3)) == [.send(.kill)])
    }

    @Test mutating func `a second SIGTERM is final`() {
        #expect(policy.receive(.terminate, now: start) == [.send(.terminate)])
        #expect(policy.receive(.terminate, now: after(1)) == [.send(.kill)])
    }

    @Test mutating func `one press that arrives twice is one`() {
        #expect(policy.receive(.interrupt, now: start) == [.send(.interrupt)])
        let soon = start.advanced(by: .milliseconds(100))
        #expect(policy.receive(.interrupt, now: soon).isEmpty)
        #expect(policy.receive(.interrupt, now: after(1)) == [.send(.terminate)])
    }

    @Test mutating func `a child that ignores its closed terminal is ended`() {
        #expect(policy.receive(.hangUp, now: start) == [.send(.hangUp)])
        #expect(policy.deadlinePassed(now: after(1)).isEmpty)
        #expect(policy.deadline == after(5))
        #expect(policy.deadlinePassed(now: after(5)) == [.send(.terminate)])
        #expect(policy.deadlinePassed(now: after(6)).isEmpty)
        #expect(policy.deadlinePassed(now: after(10)) == [.send(.kill)])
        #expect(policy.deadline == nil)
    }

    @Test mutating func `a stopped child stops the whole job`() {
        #expect(
            policy.childChanged(.stopped(.terminalStop))
                == [.stop(with: .terminalStop, wholeGroup: true)]
        )
        #expect(
            policy.childChanged(.stopped(.terminalInput))
                == [.stop(with: .terminalInput, wholeGroup: true)]
        )
        #expect(
            policy.childChanged(.stopped(.stop)) == [.stop(with: .terminalStop, wholeGroup: true)]
        )
    }

    @Test func `without a terminal a stopped child is left alone`() {
        var policy = ForegroundPolicy(.alone(hasTerminal: false))
        #expect(policy.childChanged(.stopped(.stop)).isEmpty)
    }

    @Test mutating func `Ctrl-Z that reaches us instead of the child stops both`() {
        #expect(
            policy.receive(.terminalStop, now: start) == [
                .send(.terminalStop), .stop(with: .terminalStop, wholeGroup: false),
            ]
        )
        #expect(policy.receive(.continue, now: start) == [.resume])
    }

    @Test(arguments: [Signal.quit, .user1, .user2, .windowChanged])
    mutating func `other signals pass through`(signal: Signal) {
        #expect(policy.receive(signal, now: start) == [.send(signal)])
        #expect(policy.receive(signal, now: start) == [.send(signal)])
    }

    @Test mutating func `the child's end is ours`() {
        #expect(policy.childChanged(.ended(.exited(3))) == [.finish(.exited(3))])
    }

    @Test(arguments: [Signal.interrupt, .terminate, .hangUp])
    func `several are asked to end together, then made to`(signal: Signal) {
        var policy = ForegroundPolicy(.sideBySide)
        #expect(policy.receive(signal, now: start) == [.send(.terminate)])
        #expect(policy.deadline == after(5))
        #expect(policy.receive(signal, now: after(1)) == [.send(.kill)])
        #expect(policy.deadlinePassed(now: after(5)) == [.send(.kill)])
        var patient = ForegroundPolicy(.sideBySide)
        _ = patient.receive(signal, now: start)
        #expect(patient.deadlinePassed(now: after(4)).isEmpty)
        #expect(patient.deadlinePassed(now: after(5)) == [.send(.kill)])
        #expect(patient.deadline == nil)
    }

    @Test func `Ctrl-Z stops several by force, and us; what one of them does stops no other`() {
        var policy = ForegroundPolicy(.sideBySide)
        #expect(
            policy.receive(.terminalStop, now: start) == [
                .send(.stop), .stop(with: .terminalStop, wholeGroup: false),
            ]
        )
        #expect(policy.receive(.continue, now: start).isEmpty)
        #expect(policy.receive(.windowChanged, now: start).isEmpty)
        #expect(policy.receive(.user1, now: start) == [.send(.user1)])
        #expect(policy.childChanged(.stopped(.stop)).isEmpty)
    }

    private func after(_ seconds: Int) -> ContinuousClock.Instant {
        start.advanced(by: .seconds(seconds))
    }
}
