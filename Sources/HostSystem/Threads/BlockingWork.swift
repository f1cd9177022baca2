import Synchronization

/// Threads for work that blocks: reading files, asking the system, detecting projects.
///
/// Swift has as many threads as there are processors, and all asynchronous code waits for one of them.
/// A task that prefers this executor runs here instead, so that a slow disk holds up nothing else.
package final class BlockingWork: TaskExecutor {
    private struct State {
        var waiting: [UnownedJob] = []
        var threads = 0
    }

    private let limit: Int
    private let state = Mutex(State())

    /// At most `limit` jobs run at a time; the others wait for their turn.
    package init(limit: Int) {
        self.limit = limit
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let needsThread = state.withLock { state in
            state.waiting.append(job)
            guard state.threads < limit else { return false }
            state.threads += 1
            return true
        }
        guard needsThread, !SystemThread.start({ [self] in work() }) else { return }
        // The system has no thread left: another thread does it later, or this one does it now.
        let isAlone = state.withLock { state in
            if state.threads > 1 { state.threads -= 1 }
            return state.threads == 1
        }
        if isAlone { work() }
    }

    /// Runs the waiting jobs; a thread without work ends, so that an idle process has none.
    private func work() {
        while let job = next() { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    private func next() -> UnownedJob? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.threads -= 1
                return nil
            }
            return state.waiting.removeFirst()
        }
    }

    package func run<Result: Sendable>(
        _ body: @Sendable () throws -> Result
    ) async throws -> Result {
        try await withTaskExecutorPreference(self) { try body() }
    }
}
