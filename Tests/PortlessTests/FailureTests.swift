import HostSystem
import SystemPackage
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

    @Test func `docs tell of the exit codes as they are`() throws {
        var root = FilePath(#filePath)
        for _ in 0..<3 { root.removeLastComponent() }
        let bytes = try AtomicFile.read(root.appending("docs/exit-codes.md"))
        let rows = String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { line in
            line.dropFirst(2).first?.isNumber == true
        }
        let expected = Outcome.allCases.map { "| \($0.rawValue) | `\($0.word)` | \($0.meaning) |" }
        #expect(rows.map(String.init) == expected)
    }

    @Test func `any error becomes a failure of a kind, and one that has a kind keeps it`() {
        let failure = Failure(Other(), outcome: .misconfigured)
        #expect(failure.sentence == "The hosts file can't be written.")
        #expect(failure.remedy == "Try sudo." && failure.outcome == .misconfigured)
        let known = Failure("No.", outcome: .notFound)
        #expect(Failure(known, outcome: .misconfigured) == known)
    }
}
