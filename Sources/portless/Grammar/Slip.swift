import HostSystem
import PortlessCore
import Runner
import SystemPackage

extension Invocation {
    /// What a call such as `portless prots kill` was meant to be, where it is one that can't run.
    ///
    /// Only of plain words: others may be lines for the shell. `isRunnable` tells whether a shell
    /// could do anything with a word, `isApp` whether an app has a name.
    func slip(isRunnable: (String) -> Bool, isApp: (String) -> Bool) -> Failure? {
        guard case .run(let request) = action, case .exactly(let name) = request.naming,
            !isNameMarked, let program = request.command.first,
            program.allSatisfy({ $0.isLetter || $0 == "-" || $0 == "_" }),
            let meant = Self.meant(by: name, program), !isRunnable(program), !isApp(name)
        else { return nil }
        return Failure(
            "There is no program called \"\(program)\".",
            remedy: "Did you mean: portless \(meant)?",
        )
    }

    private static func meant(by name: String, _ program: String) -> String? {
        guard let call = CommandCall([name]) else {
            return Suggestion.nearest(to: name, among: PortlessCommand.shownNames)
        }
        return Suggestion.nearest(to: program, among: call.command.subcommandNames)
            .map { "\(name) \($0)" }
    }
}

extension Invocation {
    /// With what is on this machine.
    func slip(in context: CommandContext) -> Failure? {
        slip { word in
            let path = context.project.searchPath
            return Self.shellWords.contains(word)
                || context.environment["BASH_FUNC_\(word)%%"] != nil
                || ProgramSearch.find(word, path: path) != nil
                || (try? FileStatus.of(context.workingDirectory.appending(word))) != nil
        } isApp: { name in
            guard let directory = try? context.stateDirectory() else { return false }
            let known = Completion.Known(directory)
            return (known.names() + known.apps() + known.leases().keys).contains(name)
        }
    }

    /// What a shell runs itself, dash or bash.
    private static let shellWords: Set = [
        "alias", "bg", "bind", "break", "builtin", "caller", "case", "cd", "chdir", "command",
        "compgen", "complete", "compopt", "continue", "coproc", "declare", "dirs", "disown", "echo",
        "enable", "eval", "exec", "exit", "export", "false", "fc", "fg", "for", "function",
        "getopts", "hash", "help", "history", "if", "jobs", "kill", "let", "local", "logout",
        "mapfile", "popd", "printf", "pushd", "pwd", "read", "readarray", "readonly", "return",
        "select", "set", "shift", "shopt", "source", "suspend", "test", "time", "times", "trap",
        "true", "type", "typeset", "ulimit", "umask", "unalias", "unset", "until", "wait", "while",
    ]
}
