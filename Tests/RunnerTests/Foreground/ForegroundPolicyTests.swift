import HostSystem
import Testing

@testable import Runner

struct ForegroundPolicyTests {
    private let start = ContinuousClock.now
    private var policy = ForegroundPolicy(.alone(hasTerminal: true))

    @Test mutating func `a second Ctrl-C is passed on again, a third is final`() {
        #expect(policy.receive(.interrupt, now: start) == [.send(.interrupt)])
        #expect(policy.receive(.interrupt, now: after(1)) == [.send(.interrupt)])
        #expect(policy.receive(.interrupt, now: after(2)) == [.sendToAll(.kill)])
        #expect(policy.receive(.interrupt, now: after(3)) == [.sendToAll(.kill)])
    }

    @Test mutating func `a second SIGTERM is passed on again, a third is final`() {
        #expect(policy.receive(.terminate, now: start) == [.send(.terminate)])
        #expect(policy.receive(.terminate, now: after(1)) == [.send(.terminate)])
        #expect(policy.receive(.terminate, now: after(2)) == [.sendToAll(.kill)])
    }

    @Test(arguments: [Signal.interrupt, .terminate, .hangUp])
    mutating func `an end is bounded, and counts as by the first signal`(signal: Signal) {
        #expect(policy.end(of: .exited(3)) == .exited(3))
        #expect(policy.receive(signal, now: start) == [.send(signal)])
        #expect(policy.endSignal == signal)
        #expect(policy.end(of: .exited(3)) == .exited(3))
        #expect(policy.deadlinePassed(now: after(4)).isEmpty)
        #expect(policy.deadlinePassed(now: after(5)) == [.sendToAll(.terminate)])
        #expect(policy.end(of: .exited(3)) == .signalled(signal))
        #expect(policy.deadlinePassed(now: after(9)).isEmpty)
        #expect(policy.deadlinePassed(now: after(10)) == [.sendToAll(.kill)])
        #expect(policy.deadlinePassed(now: after(11)).isEmpty)
        #expect(policy.deadlinePassed(now: after(12)) == [.giveUp])
        #expect(policy.deadline == nil)
    }

    @Test mutating func `Ctrl-C that only the child has got counts, and isn't passed on`() {
        #expect(policy.receivePress(now: start).isEmpty)
        #expect(policy.deadline == after(5))
        // The same press, as `npm run` passes it on to us.
        let soon = start.advanced(by: .milliseconds(100))
        #expect(policy.receive(.interrupt, now: soon).isEmpty)
        #expect(policy.receivePress(now: after(1)).isEmpty)
        #expect(policy.receivePress(now: after(2)) == [.sendToAll(.kill)])
    }

    @Test func `a limit of the user's own counts, and none means none`() {
        var patient = ForegroundPolicy(.alone(hasTerminal: true), killTimeout: .seconds(60))
        _ = patient.receive(.interrupt, now: start)
        #expect(patient.deadline == after(30))
        #expect(patient.deadlinePassed(now: after(30)) == [.sendToAll(.terminate)])
        #expect(patient.deadline == after(60))
        var endless = ForegroundPolicy(.alone(hasTerminal: true), killTimeout: nil)
        for second in 0..<9 { #expect(endless.receivePress(now: after(second)).isEmpty) }
        _ = endless.receive(.interrupt, now: start)
        #expect(endless.deadline == nil)
    }

    @Test mutating func `another signal is no second arrival of the first`() {
        _ = policy.receive(.interrupt, now: start)
        #expect(policy.receive(.terminate, now: start) == [.send(.terminate)])
    }

    @Test mutating func `one press that arrives twice is one`() {
        #expect(policy.receive(.interrupt, now: start) == [.send(.interrupt)])
        let soon = start.advanced(by: .milliseconds(100))
        #expect(policy.receive(.interrupt, now: soon).isEmpty)
        #expect(policy.receive(.interrupt, now: after(1)) == [.send(.interrupt)])
    }

    @Test mutating func `a child that ignores its closed terminal is ended`() {
        #expect(policy.receive(.hangUp, now: start) == [.send(.hangUp)])
        #expect(policy.deadlinePassed(now: after(1)).isEmpty)
        #expect(policy.deadline == after(5))
        #expect(policy.deadlinePassed(now: after(5)) == [.sendToAll(.terminate)])
        #expect(policy.deadlinePassed(now: after(6)).isEmpty)
        #expect(policy.deadlinePassed(now: after(10)) == [.sendToAll(.kill)])
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
        #expect(policy.receive(signal, now: after(1)) == [.send(.terminate)])
        #expect(policy.receive(signal, now: after(2)) == [.sendToAll(.kill)])
        var patient = ForegroundPolicy(.sideBySide)
        _ = patient.receive(signal, now: start)
        #expect(patient.deadlinePassed(now: after(4)).isEmpty)
        #expect(patient.deadlinePassed(now: after(5)) == [.sendToAll(.terminate)])
        #expect(patient.deadlinePassed(now: after(10)) == [.sendToAll(.kill)])
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
