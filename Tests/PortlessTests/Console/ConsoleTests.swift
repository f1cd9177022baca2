import PortlessCore
import Synchronization
import SystemPackage
import Testing

@testable import portless

@Suite struct ConsoleTests {
    private static let hostile = "x\u{1B}]52;c;eA==\u{07}\u{1B}[31m"
    private static let shown = "x\\u001b]52;c;eA==\\u0007\\u001b[31m"

    /// What is written to standard output and error by `body`.
    private func written(
        colored: Bool = true,
        verbatim: Bool = false,
        _ body: (Console) -> Void,
    ) -> (output: String, talk: String) {
        let output = Mutex("")
        let talk = Mutex("")
        withoutActuallyEscaping(body) { body in
            body(
                Console(
                    style: TextStyle(isColored: colored),
                    isOutputVerbatim: verbatim,
                    output: { text in output.withLock { $0 += text } },
                    talk: { text in talk.withLock { $0 += text } },
                    answer: { "y" },
                )
            )
        }
        return (output.withLock(\.self), talk.withLock(\.self))
    }

    @Test func `text from outside can't speak to the terminal`() {
        let hostile = Self.hostile
        let result = written { console in
            console.print(hostile)
            console.say("-- \(hostile)")
            console.warn(hostile)
            console.report(Failure("No \(hostile).", remedy: "Try \(hostile)."))
            _ = try? console.confirm("End \(hostile)?")
            console.say(styled: console.style.bold(hostile))
            console.say(styled: "\(console.style.dim("a")) \(hostile)")
        }
        #expect(result.output == Self.shown + "\n")
        #expect(!result.talk.contains("\u{07}"))
        #expect(!result.talk.contains("\u{1B}]"))
        #expect(result.talk.components(of: Self.shown) == 7)
        // Of the color in it nothing is left but ours.
        #expect(result.talk.components(of: "\u{1B}[31m") == 1)
    }

    @Test(arguments: [(Errno.noSpace, 1), (.badFileDescriptor, 1), (.brokenPipe, 0)])
    func `output that can't be written is told once, but for a reader that has gone`(
        error: Errno,
        count: Int,
    ) {
        let talk = Mutex("")
        let console = Console(
            style: .plain,
            output: { _ in throw error },
            talk: { text in talk.withLock { $0 += text } },
        )
        console.print("a")
        console.print("b")
        #expect(console.hasLostOutput == (count == 1))
        let line = "Error: can't write: \(error)\n"
        #expect(talk.withLock(\.self) == String(repeating: line, count: count))
    }

    @Test func `a question is answered by y or yes, and refused without a terminal`() throws {
        func console(_ answer: (@Sendable () -> String?)?) -> Console {
            Console(style: .plain, output: { _ in }, talk: { _ in }, answer: answer)
        }
        #expect(try console { "Yes" }.confirm("End it?"))
        #expect(try !console { "" }.confirm("End it?"))
        #expect(try !console { nil }.confirm("End it?"))
        #expect(throws: Failure.self) { try console(nil).confirm("End it?") }
    }

    @Test func `our own emphasis is there`() {
        let result = written { console in
            console.warn("w")
            console.report(Failure("f"))
            console.print(styled: console.style.bold("b"))
        }
        #expect(result.talk == "\u{1B}[33mWarning:\u{1B}[39m w\n\u{1B}[31mError:\u{1B}[39m f\n")
        #expect(result.output == "\u{1B}[1mb\u{1B}[22m\n")
    }

    @Test func `data for a script is exact, and talk is still for people`() {
        let hostile = Self.hostile
        let result = written(colored: false, verbatim: true) { console in
            console.print(hostile)
            console.say(hostile)
        }
        #expect(result.output == hostile + "\n")
        #expect(result.talk == Self.shown + "\n")
    }

    @Test func `JSON on a terminal stays the same JSON`() throws {
        let value = JSONValue.object(["name": .string("a\u{9B}\u{202E}\u{7F}\u{1B}\r\n")])
        let text = written { $0.print(value.formatted) }.output
        #expect(!text.unicodeScalars.contains { $0.value == 0x9B || $0.value == 0x202E })
        #expect(try JSONValue(parsing: text.utf8) == value)
    }

    @Test func `an app's own output passes as it is, behind a harmless prefix`() {
        let line =
            LinePrefix(label: "we\u{1B}b", index: 0, isColored: false).styled
            + StyledText(verbatim: Self.hostile)
        #expect(line.text == "[we\\u001bb] " + Self.hostile)
    }
}

extension String {
    fileprivate func components(of text: String) -> Int { ranges(of: text).count }
}
