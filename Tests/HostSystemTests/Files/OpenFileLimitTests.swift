import SystemPackage
import TestSupport
import Testing

@testable import HostSystem

@Suite(.timeLimit(.minutes(1)))
struct OpenFileLimitTests {
    private func limit(of spawn: Spawn) throws -> String { try Captured.output(of: spawn) }

    @Test func `a child gets the limit that this process was started with`() throws {
        let original = try limit(of: shell("ulimit -Sn"))
        OpenFileLimit.raise()
        OpenFileLimit.raise()
        #expect(try limit(of: shell("ulimit -Sn")) == original)
    }

    @Test func `there is room as long as the numbers below the reserve aren't all in use`() {
        #expect(OpenFileLimit.hasRoom)
    }

    private func shell(_ script: String) -> Spawn {
        Spawn(executable: "/bin/sh", arguments: ["-c", script], environment: [:])
    }
}
