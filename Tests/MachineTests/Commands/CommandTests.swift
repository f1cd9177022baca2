import Testing

@testable import Machine

@Suite struct CommandTests {
    @Test(arguments: [
        (["plain", "a=b", "/x/y.pem", "C,,"], "tool plain a=b /x/y.pem C,,"),
        (["portless Local CA"], "tool 'portless Local CA'"),
        (["it's", ""], #"tool 'it'\''s' ''"#),
        (["$(rm)", "`x`", "a;b"], "tool '$(rm)' '`x`' 'a;b'"),
    ])
    func `a command reads as the line to type`(arguments: [String], line: String) {
        #expect(Command("tool", arguments).description == line)
    }

    @Test func `under sudo a command may prompt and gets time for it`() {
        let command = Command("tool", ["-x"], timeLimit: .seconds(10)).underSudo
        #expect(command.description == "sudo -- tool -x")
        #expect(command.mayPrompt)
        #expect(command.timeLimit > .seconds(60))
    }
}
