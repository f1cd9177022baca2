import Server
import Testing

@Suite struct ProblemTests {
    @Test func `a problem keeps its code`() {
        #expect(Problem(404, "NOT_FOUND", "There is no such app.").code == "NOT_FOUND")
    }
}
