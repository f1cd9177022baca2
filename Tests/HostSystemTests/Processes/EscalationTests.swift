import Testing

@testable import HostSystem

@Suite struct EscalationTests {
    private let escalation = Escalation(grace: .milliseconds(30), afterForce: .milliseconds(30))

    /// What became of something that ends at the signal, and the signals that it got.
    private func outcome(endingAt signal: Signal?) -> (Escalation.Outcome, [Signal]) {
        var sent: [Signal] = []
        let outcome = escalation.run(
            send: {
                sent.append($0)
                return true
            },
            isOver: { signal.map(sent.contains) ?? false },
        )
        return (outcome, sent)
    }

    @Test func `it asks first and forces what doesn't end`() {
        #expect(outcome(endingAt: .terminate) == (.ended, [.terminate]))
        #expect(outcome(endingAt: .kill) == (.forced, [.terminate, .kill]))
        #expect(outcome(endingAt: nil) == (.failed, [.terminate, .kill]))
    }

    @Test func `what can't be signalled is not waited for`() {
        let foreign = escalation.run(send: { _ in false }, isOver: { false })
        let gone = escalation.run(send: { _ in false }, isOver: { true })
        #expect(foreign == .refused)
        #expect(gone == .ended)
    }

    @Test func `it forces at once where there is no more patience`() {
        let patient = Escalation(grace: .seconds(60), afterForce: .seconds(60))
        var sent: [Signal] = []
        let outcome = patient.run(
            send: {
                sent.append($0)
                return true
            },
            sleep: { _ in false },
            isOver: { sent.contains(.kill) },
        )
        #expect(outcome == .forced)
    }
}
