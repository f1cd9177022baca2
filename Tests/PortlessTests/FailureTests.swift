import Testing

@testable import portless

@Suite struct FailureTests {
    private struct Other: Error, CustomStringConvertible {
        let description = "The hosts file can't be written.\nTry sudo."
    }

    @Test func `an error is its sentence, then the remedy`() {
        let failure = Failure("Port 80 is taken.", remedy: "Stop it.")
        #expect(
            Failure.lines(for: failure, style: .plain) == ["Error: Port 80 is taken.", "Stop it."]
        )
        #expect(Failure.lines(for: Failure("No."), style: .plain) == ["Error: No."])
    }

    @Test func `other modules' errors look the same`() {
        #expect(
            Failure.lines(for: Other(), style: TextStyle(isColored: true))
                == ["\u{1B}[31mError:\u{1B}[39m The hosts file can't be written.", "Try sudo."]
        )
    }
}
