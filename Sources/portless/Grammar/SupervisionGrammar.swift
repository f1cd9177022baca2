/// Tells the calls of `up`, `down`, `restart`, `ps` and `logs` from apps that are called so.
enum SupervisionGrammar {
    private struct Grammar {
        var flags: Set<String>
        var valued: Set<String> = []
    }

    /// With several words, the first one decides: a program that can be run is an app's command.
    static func isCall(
        of subcommand: Subcommand,
        _ arguments: [String],
        isProgram: (String) -> Bool,
    ) -> Bool {
        let grammar = grammar(of: subcommand)
        var names: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("-") else {
                names.append(argument)
                continue
            }
            let flag = argument.prefix { $0 != "=" }
            if grammar.valued.contains(String(flag)) {
                if flag == argument, rest.popFirst() == nil { return false }
            } else if !grammar.flags.contains(argument), argument != "--help", argument != "-h" {
                return false
            }
        }
        return names.count < 2 || !isProgram(names[0])
    }

    private static func grammar(of subcommand: Subcommand) -> Grammar {
        switch subcommand {
        case .up: Grammar(flags: ["--foreground"], valued: ["--env"])
        case .ps: Grammar(flags: ["--json"])
        case .logs:
            Grammar(flags: ["-f", "--follow"], valued: ["-n", "--lines"])
        default: Grammar(flags: [])
        }
    }
}
