import HostSystem
import Testing

@testable import Runner

struct ForegroundPolicyTests {
    private let start = ContinuousClock.now
    private var policy = ForegroundPolicy(hasTerminal: true)

    @Test mutating func `a second Ctrl-C is harsher, a third final`() {
        #expect(policy.receive(.interrupt, now: start) == [.signalChild(.interrupt)])
        #expect(policy.receive(.interrupt, now: after(1)) == [.signalChild(.terminate)])
        #expect(policy.receive(.interrupt, now: after(2)) == [.signalChild(.kill)])
        #expect(policy.receive(.interrupt, now: after(3)) == [.signalChild(.kill)])
    }

    @Test mutating func `a second SIGTERM is final`() {
        #expect(policy.receive(.terminate, now: start) == [.signalChild(.terminate)])
        #expect(policy.receive(.terminate, now: after(1)) == [.signalChild(.kill)])
    }

    @Test mutating func `one press that arrives twice is one`() {
        #expect(policy.receive(.interrupt, now: start) == [.signalChild(.interrupt)])
        let soon = start.advanced(by: .milliseconds(100))
        #expect(policy.receive(.interrupt, now: soon).isEmpty)
        #expect(policy.receive(.interrupt, now: after(1)) == [.signalChild(.terminate)])
    }

    @Test mutating func `a child that ignores its closed terminal is ended`() {
        #expect(policy.receive(.hangUp, now: start) == [.signalChild(.hangUp)])
        #expect(policy.deadlinePassed(now: after(1)).isEmpty)
        #expect(policy.deadline == after(5))
        #expect(policy.deadlinePassed(now: after(5)) == [.signalChild(.terminate)])
        #expect(policy.deadlinePassed(now: after(6)).isEmpty)
        #expect(policy.deadlinePassed(now: after(10)) == [.signalChild(.kill)])
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
        var policy = ForegroundPolicy(hasTerminal: false)
        #expect(policy.childChanged(.stopped(.stop)).isEmpty)
    }

    @Test mutating func `Ctrl-Z that reaches us instead of the child stops both`() {
        #expect(
            policy.receive(.terminalStop, now: start) == [
                .signalChild(.terminalStop), .stop(with: .terminalStop, wholeGroup: false),
            ]
        )
        #expect(policy.receive(.continue, now: start) == [.resume])
    }

    @Test(arguments: [Signal.quit, .user1, .user2, .windowChanged])
    mutating func `other signals pass through`(signal: Signal) {
        #expect(policy.receive(signal, now: start) == [.signalChild(signal)])
        #expect(policy.receive(signal, now: start) == [.signalChild(signal)])
    }

    @Test mutating func `the child's end is ours`() {
        #expect(policy.childChanged(.ended(.exited(3))) == [.finish(.exited(3))])
    }

    private func after(_ seconds: Int) -> ContinuousClock.Instant {
        start.advanced(by: .seconds(seconds))
    }
}
