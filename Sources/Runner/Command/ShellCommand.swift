package import HostSystem
package import SystemPackage

/// A command as the user typed it, run by the system's shell.
///
/// The shell rather than `execve`, because it runs scripts without an interpreter line, knows
/// builtins, and answers 126 and 127 with the words that everyone expects. Every argument is
/// quoted, so that nothing is expanded twice.
package struct ShellCommand: Sendable {
    package let arguments: [String]

    package init(_ arguments: [String]) {
        self.arguments = arguments
    }

    package func spawn(environment: [String: String], workingDirectory: FilePath?) -> Spawn {
        let program = arguments.first.flatMap {
            ProgramSearch.find($0, path: environment["PATH"])
        }
        var spawn = Spawn(
            executable: "/bin/sh",
            arguments: ["-c", text(isProgram: program != nil)],
            environment: environment,
            workingDirectory: workingDirectory,
        )
        spawn.name = "sh"
        return spawn
    }

    /// The text for the shell's `-c`.
    ///
    /// `exec` lets a program replace the shell, which dash doesn't do by itself: a shell in between
    /// would die at once of a signal that the program answers with an orderly exit. Builtins run in
    /// the shell.
    func text(isProgram: Bool) -> String {
        let command = arguments.map(ShellWords.quoted).joined(separator: " ")
        return isProgram ? "exec " + command : command
    }
}
