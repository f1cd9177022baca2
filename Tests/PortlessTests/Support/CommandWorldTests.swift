import PortlessCore
import Testing

@testable import portless

@Suite struct CommandWorldTests {
    @Test func `an effect that the test doesn't provide fails the test by its name`() async throws {
        try await CommandWorld.with { world in
            withKnownIssue {
                _ = world.context.isFree(80)
            } matching: { issue in
                issue.comments.contains { "\($0)".contains("isFree") }
            }
        }
    }
}
