import Foundation
import Testing

extension EndToEnd {
    /// `--no-input`, `PORTLESS_NO_INPUT` and a missing terminal: no command asks anything.
    @Suite struct NoInputTests {}
}

extension EndToEnd.NoInputTests {
    /// What a command says, three times over, and whether it ended with the code each time.
    private func expect(
        _ code: Int,
        _ phrases: String...,
        of arguments: String...,
        in sandbox: Sandbox,
    ) async throws {
        let result = try await sandbox.start(
            ["python3", Apps.path("no-input.py"), Binary.path] + arguments
        ).finished(within: .seconds(120))
        let codes = result.output.split(separator: "\n").filter { $0.hasPrefix("code ") }
        #expect(
            codes == Array(repeating: "code \(code)", count: 3),
            "\(arguments) \(result.output)",
        )
        for phrase in phrases {
            let count = result.output.components(separatedBy: phrase).count - 1
            #expect(count == 3, "\(phrase) in: \(result.output)")
        }
    }

    @Test func `no command asks, and each says what it would have asked`() async throws {
        try await Sandbox.with { sandbox in
            let port = try FreePort.next()
            let stubborn = try sandbox.start(["python3", Apps.path("stubborn.py"), "\(port)"])
            try await eventually("it listens") { stubborn.output == "listening\n" ? () : nil }
            try await expect(
                1,
                "There is no terminal to ask at (\"End python3 (\(stubborn.processID))?\")",
                "Add --yes if that is what you want.",
                of: "ports",
                "kill",
                "\(port)",
                in: sandbox,
            )
            #expect(stubborn.status == nil)
            try sandbox.write(
                """
                module.exports = { apps: [
                  { name: "a", script: "a.js", env: { PORT: 6001 } },
                  { name: "b", script: "b.js", env: { PORT: 6001 } },
                ] };
                """,
                to: "ecosystem.config.cjs",
            )
            try await expect(
                1,
                "There is no terminal to ask at (\"Change ",
                of: "ports",
                "check",
                "--fix",
                in: sandbox,
            )
            try await expect(1, "\"nothing\" is neither", of: "logs", "nothing", in: sandbox)
        }
    }

    @Test(.enabled(if: PrivateMachine.isPossible, "only root can make users and networks"))
    func `what takes an administrator is told, and nothing asks for a password`() async throws {
        try await PrivateMachine.with { machine in
            try await machine.portless("alias", "db", "5432")
            let program = machine.binary
            for (arguments, phrase) in [
                (["hosts", "sync"], "sudo portless hosts sync"),
                (["trust"], "it needs root"),
                (["proxy", "start", "-p", "443"], "sudo portless proxy start"),
            ] {
                let result = try await machine.startAsUser(
                    ["python3", Apps.path("no-input.py"), program] + arguments
                ).finished(within: .seconds(120))
                let codes = result.output.split(separator: "\n").filter { $0.hasPrefix("code ") }
                #expect(codes == ["code 1", "code 1", "code 1"], "\(result.output)\(result.talk)")
                let count = result.output.components(separatedBy: phrase).count - 1
                #expect(count >= 3, "\(phrase) in: \(result.output)")
                #expect(!result.output.contains("password for"))
            }
        }
    }
}
