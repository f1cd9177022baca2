import HostSystem
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct BlockingWorkTests {
    /// Blocks its thread until it is opened.
    private final class Gate: Sendable {
        private let isOpen = Mutex(false)

        func open() { isOpen.withLock { $0 = true } }

        func pass() {
            while !isOpen.withLock(\.self) { SystemClock.sleep(for: .milliseconds(2)) }
        }
    }

    /// How many run, have run at once, and have run at all.
    private final class Counts: Sendable {
        private let counts = Mutex((now: 0, most: 0, all: 0))

        var most: Int { counts.withLock(\.most) }
        var all: Int { counts.withLock(\.all) }

        func begin() {
            counts.withLock { counts in
                counts.now += 1
                counts.all += 1
                counts.most = max(counts.most, counts.now)
            }
        }

        func end() { counts.withLock { $0.now -= 1 } }
    }

    @Test func `what blocks holds up neither Swift's threads nor other work`() async throws {
        let (gate, slow, quick) = (Gate(), BlockingWork(limit: 64), BlockingWork(limit: 1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            // More than there are processors: on Swift's own threads nothing else would go on.
            for _ in 0..<64 { group.addTask { try await slow.run { gate.pass() } } }
            group.addTask {
                let seven = try await quick.run { 7 }
                #expect(seven == 7)
                await Task.yield()
                gate.open()
            }
            try await group.waitForAll()
        }
    }

    @Test func `no more runs at a time than the limit, and nothing is lost`() async throws {
        let work = BlockingWork(limit: 3)
        let counts = Counts()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await work.run {
                        counts.begin()
                        SystemClock.sleep(for: .milliseconds(1))
                        counts.end()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(counts.all == 50)
        #expect((1...3).contains(counts.most))
    }

    @Test func `errors come back`() async throws {
        struct Broken: Error {}
        await #expect(throws: Broken.self) {
            try await BlockingWork(limit: 1).run { throw Broken() }
        }
    }
}
