import HostSystem
import SystemPackage
import Testing

@testable import Runner

@Suite struct KeeperConnectionsTests {
    @Test func `a second stop writes into no descriptor that was opened since the first`() throws {
        let connections = try KeeperConnections { _ in }
        connections.stop()
        // The thread has ended by then.
        SystemClock.sleep(for: .milliseconds(300))
        let pipes = try (0..<64).map { _ in try Pipe() }
        defer {
            for pipe in pipes {
                try? pipe.reading.close()
                try? pipe.writing.close()
            }
        }
        connections.stop()
        var poll = Poll()
        for pipe in pipes { poll.add(pipe.reading, .reading) }
        #expect(poll.wait(timeout: .milliseconds(100)).isEmpty)
    }
}
