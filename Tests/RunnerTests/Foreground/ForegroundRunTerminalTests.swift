import HostSystem
import TestSupport
import Testing

@testable import Runner

/// What a person at the keyboard sees: job control as if nothing stood between shell and program.
@Suite(.timeLimit(.minutes(1)))
struct ForegroundRunTerminalTests {
    private let echo = #"while read line; do echo "got:$line"; done"#

    @Test func `Ctrl-C reaches the child once, and its exit code the shell`() throws {
        try with { terminal in
            try terminal.type(
                run(#"trap "echo caught; exit 5" INT; echo up; while :; do sleep 0.01; done"#)
            )
            try terminal.expect("up\r\n")
            try terminal.type(PseudoTerminal.controlC)
            #expect(try terminal.expect("$ ").contains("caught"))
            #expect(try terminal.run("echo code $?").contains("code 5"))
        }
    }

    @Test func `Ctrl-Z, bg and fg`() throws {
        try with { terminal in
            try terminal.type(run("echo pid $$; " + echo))
            let child = try childsPID(terminal)
            try terminal.type(PseudoTerminal.controlZ)
            #expect(try terminal.expect("$ ").contains("Stopped"))
            try bringToForeground(child, terminal)
            try terminal.type("one\n")
            try terminal.expect("got:one")
            try terminal.type(PseudoTerminal.controlZ)
            #expect(try terminal.expect("$ ").contains("Stopped"))
            try terminal.run("bg")
            // In the background it is stopped as soon as it reads.
            try waitUntil { try terminal.run("jobs").contains("Stopped") }
            try bringToForeground(child, terminal)
            try terminal.type("two\n")
            try terminal.expect("got:two")
            try terminal.type(PseudoTerminal.controlD)
            try terminal.expect("$ ")
            #expect(try terminal.run("echo code $?").contains("code 0"))
        }
    }

    @Test func `started with & it leaves the keyboard to the shell until fg`() throws {
        try with { terminal in
            try terminal.type(run("echo pid $$; " + echo, behind: " &"))
            let child = try childsPID(terminal)
            #expect(try terminal.run("echo still $((1 + 1))").contains("still 2"))
            try waitUntil { try terminal.run("jobs").contains("Stopped") }
            try bringToForeground(child, terminal)
            try terminal.type("one\n")
            try terminal.expect("got:one")
            try terminal.type(PseudoTerminal.controlC)
            try terminal.expect("$ ")
        }
    }

    @Test func `in a pipeline the keyboard is the other program's`() throws {
        try with { terminal in
            let script = """
                trap "echo again" CONT; echo up; cat; echo eof; while :; do sleep 0.01; done
                """
            try terminal.type(run(script, behind: " | cat"))
            try terminal.expect("up\r\n")
            try terminal.expect("eof\r\n")
            try terminal.type(PseudoTerminal.controlZ)
            #expect(try terminal.expect("$ ").contains("Stopped"))
            try terminal.type("fg\n")
            try terminal.expect("again\r\n")
            try terminal.type(PseudoTerminal.controlC)
            try terminal.expect("$ ")
            #expect(try terminal.run("jobs; echo none").contains("none"))
        }
    }

    @Test func `below npm run, which waits for us, the child has the keyboard`() throws {
        try with { terminal in
            let tool = "\(TestToolPath.path) run /nonexistent sh -c"
            let nested =
                "sh -c '\(tool) \"echo pid \\$\\$; while read x; do echo got:\\$x; done\"; echo after'"
            try terminal.type("sh -c \"\(escaped(nested)); echo outer\"\n")
            let child = try childsPID(terminal)
            try terminal.type("one\n")
            try terminal.expect("got:one")
            try terminal.type(PseudoTerminal.controlZ)
            #expect(try terminal.expect("$ ").contains("Stopped"))
            try bringToForeground(child, terminal)
            try terminal.type("two\n")
            try terminal.expect("got:two")
            try terminal.type(PseudoTerminal.controlD)
            try terminal.expect("after")
            try terminal.expect("outer")
            try terminal.expect("$ ")
        }
    }

    @Test func `a terminal of another session is only read`() throws {
        try with { terminal in
            let command = run("echo up; read line; echo got:$line").dropLast()
            let perl = "if ($p = fork) { waitpid $p, 0; exit $? >> 8 } setsid; exec @ARGV"
            try terminal.type("perl -MPOSIX=setsid -e '\(perl)' \(command); echo code $?\n")
            try terminal.expect("up\r\n")
            try terminal.type("one\n")
            try terminal.expect("got:one")
            try terminal.expect("code 0")
        }
    }

    @Test func `a killed child does not leave the terminal raw`() throws {
        try with { terminal in
            // In a script, so that no interactive shell repairs it.
            let script = "stty raw -echo; echo up; kill -9 \\$\\$"
            try terminal.type(
                "sh -c '\(TestToolPath.path) run /nonexistent sh -c \"\(script)\"; stty -a'\n"
            )
            try terminal.expect("up")
            let modes = try terminal.expect("$ ")
            #expect(modes.contains(" icanon"))
            #expect(!modes.contains("-isig"))
        }
    }

    @Test func `a child stopped in raw mode finds it again`() throws {
        try with { terminal in
            try terminal.type(run("stty raw; echo up; kill -TSTP $$; stty -a; echo $((40 + 2))"))
            try terminal.expect("up")
            #expect(try terminal.expect("$ ").contains("Stopped"))
            #expect(try terminal.run("stty -a").contains(" icanon"))
            try terminal.type("fg\n")
            #expect(try terminal.expect("42").contains("-icanon"))
            try terminal.expect("$ ")
        }
    }

    @Test func `a closed window ends the child`() throws {
        let terminal = try PseudoTerminal()
        try terminal.type(run("echo pid $$; while :; do sleep 0.01; done"))
        let pid = try childsPID(terminal)
        #expect(ProcessIdentity.of(pid: pid) != nil)
        terminal.close()
        waitUntil { ProcessIdentity.of(pid: pid) == nil }
    }

    private func with(_ body: (PseudoTerminal) throws -> Void) throws {
        let terminal = try PseudoTerminal()
        defer { terminal.close() }
        try body(terminal)
    }

    private func childsPID(_ terminal: PseudoTerminal) throws -> Int32 {
        try terminal.expect("pid ")
        return try #require(Int32(try terminal.expect("\r\n")))
    }

    /// What is typed before the terminal has changed hands may be mangled by the change of modes.
    private func bringToForeground(_ child: Int32, _ terminal: PseudoTerminal) throws {
        try terminal.type("fg\n")
        waitUntil { terminal.foregroundGroup == child }
    }

    private func run(_ script: String, behind: String = "") -> String {
        "\(TestToolPath.path) run /nonexistent sh -c '\(script)'\(behind)\n"
    }

    /// For double quotes.
    private func escaped(_ text: String) -> String {
        text.map { #"\"$"#.contains($0) ? "\\\($0)" : String($0) }.joined()
    }
}
