import HostSystem
import SystemPackage
import TestSupport
import Testing

@testable import Runner

struct ShellCommandTests {
    @Test(
        arguments: [
            (["node", "server.js"], "exec 'node' 'server.js'"),
            (["echo", "it's"], #"exec 'echo' 'it'\''s'"#),
            (["a b", "$HOME", "`x`", "", "*", "\n"], "exec 'a b' '$HOME' '`x`' '' '*' '\n'"),
            (["FOO=1", "node"], "exec 'FOO=1' 'node'"),
        ]
    )
    func `each argument stays what it is`(arguments: [String], text: String) {
        #expect(ShellCommand(arguments).text(isProgram: true) == text)
    }

    @Test func `a builtin runs in the shell`() {
        #expect(ShellCommand(["exit", "3"]).text(isProgram: false) == "'exit' '3'")
    }

    @Test(
        arguments: [
            (["printf", "%s|", "it's", "a  b", "$HOME", "*"], "it's|a  b|$HOME|*|", 0),
            (["exit", "3"], "", 3),
            (["nonexistent-program"], "", 127),
            (["/usr"], "", 126),
            (["sh", "-c", "kill -9 $$"], "", 137),
        ] as [([String], String, Int32)]
    )
    func `the shell runs it as meant`(arguments: [String], output: String, code: Int32) throws {
        let environment = ["PATH": "/usr/bin:/bin"]
        var spawn = ShellCommand(arguments).spawn(
            environment: environment,
            workingDirectory: "/",
        )
        // What the shell says of commands that can't be run doesn't belong into the test's output.
        spawn.standardError = spawn.standardOutput
        spawn.arguments[1] = "exec 2>/dev/null; " + spawn.arguments[1]
        let captured = try Captured(spawn)
        #expect(try captured.readAll() == output)
        #expect(try captured.process.wait().exitCode == code)
    }

    @Test func `no shell stays between us and a program`() throws {
        let spawn = ShellCommand(["sleep", "60"]).spawn(
            environment: ["PATH": "/usr/bin:/bin"],
            workingDirectory: nil,
        )
        let child = try spawn.start()
        defer {
            child.send(.kill)
            _ = try? child.wait()
        }
        // The shell needs a moment to become the program.
        while ProcessDetails.name(of: child.pid) != "sleep" {
            try #require(ProcessTree.current().descendants(of: child.pid).isEmpty)
        }
    }
}
