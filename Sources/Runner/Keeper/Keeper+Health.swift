import HostSystem
import PortlessCore
import Synchronization
import SystemPackage

extension Keeper {
    /// Begins to ask a process that was just started, or taken over, for its health.
    func watchHealth(of process: KeptProcess, _ now: Instant) {
        process.health = process.plan.health.map { HealthWatch($0, now: now, time: .now) }
    }

    /// Asks the processes whose time has come, each on a thread of its own.
    func askForHealth(_ now: Instant) {
        for process in processes {
            guard let due = process.nextHealthLook, due <= now, let root = process.root,
                let probe = AnswerProbe(of: process.snapshot(now: now), process.plan)
            else { continue }
            let question = HealthAnswers.Question(process: process.name, root: root, probe: probe)
            let answers = healthAnswers
            let isAsked = SystemThread.start { answers.add(probe.ask(), to: question) }
            if isAsked {
                process.health?.asked()
            } else {
                // Without a thread there is no answer; a later one may be possible.
                process.health?.answered("can't be asked: too many threads", now: now, time: .now)
            }
        }
    }

    /// Notes the answers that have arrived, but for those of processes that have ended since.
    func takeHealthAnswers() {
        for (question, answer) in healthAnswers.take() {
            guard let process = process(question.process), process.root == question.root,
                process.health?.check == question.probe.health
            else { continue }
            let problem: String? = if case .notYet(let words) = answer { words } else { nil }
            let before = process.health?.health
            process.health?.answered(problem, now: .now, time: .now)
            guard let after = process.health?.health, after.state != before?.state else { continue }
            switch after.state {
            case .healthy: note("is healthy", of: process)
            case .unhealthy: note("is unhealthy: it \(after.problem ?? "")", of: process)
            case .starting: break
            }
        }
    }
}

/// The answers of processes on the way from the threads that ask to the keeper's own.
final class HealthAnswers: Sendable {
    struct Question: Sendable {
        let process: String
        let root: ProcessIdentity
        let probe: AnswerProbe
    }

    private let answers = Mutex<[(Question, AnswerProbe.Answer)]>([])
    private let wake: Pipe

    init() throws {
        wake = try Pipe()
        try NonBlocking.set(wake.reading)
        try NonBlocking.set(wake.writing)
    }

    /// Not earlier: a question that is under way still writes to it.
    deinit {
        try? wake.reading.close()
        try? wake.writing.close()
    }

    /// Readable while there are answers.
    var reading: FileDescriptor { wake.reading }

    func add(_ answer: AnswerProbe.Answer, to question: Question) {
        answers.withLock { $0.append((question, answer)) }
        _ = try? wake.writing.writeAll([0])
    }

    func take() -> [(Question, AnswerProbe.Answer)] {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
            while let count = try? wake.reading.read(into: buffer), count == buffer.count {}
        }
        return answers.withLock { answers in
            defer { answers.removeAll() }
            return answers
        }
    }
}
