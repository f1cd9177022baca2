import ArgumentParser
import HostSystem
import PortlessCore

/// What may stand at the end of an unfinished call, for shells.
///
/// It knows commands and flags by their declarations, and asks `Known` for the names that there are.
struct Completion {
    struct Candidate: Hashable {
        let value: String
        var about = ""

        /// Whether it is one word for every shell; bash puts it into the line as it is.
        var isPlain: Bool {
            value.allSatisfy { $0.isLetter || $0.isNumber || "-_.:@/+=,".contains($0) }
        }
    }

    /// What a shell is told: candidates, or that it knows better itself.
    enum Answer: Hashable {
        case candidates([Candidate])
        case files
        /// From the word of this index on it is another program's call.
        case command(at: Int)
    }

    /// Names that only the state directory knows; each is asked for only where it is needed.
    struct Known {
        var names: () -> [String] = { [] }
        var apps: () -> [String] = { [] }
        var processes: () -> [String] = { [] }
        var leases: () -> [String: [String]] = { [:] }
        var ports: () -> [String] = { [] }
        var jobs: () -> [String] = { [] }
        var crashes: () -> [String] = { [] }
        var machines: () -> [String] = { [] }
    }

    let known: Known

    /// `words` are those after `portless`; the last one is unfinished, and may be empty.
    func answer(_ words: [String]) -> Answer {
        let current = words.last ?? ""
        let before = words.dropLast()
        guard let start = before.firstIndex(where: { !$0.hasPrefix("-") }) else {
            return first(current)
        }
        if before[..<start].contains("--name") { return program(in: before, current) }
        let rest = Array(before[start...])
        if rest[0] == "help" { return commands(after: Array(rest.dropFirst()), current) }
        guard rest[0] != "run", let call = CommandCall(rest) else {
            return program(in: before, current)
        }
        if call.arguments.isEmpty, !call.isSubcommand, !call.command.subcommandNames.isEmpty,
            !current.hasPrefix("-")
        {
            let own = values(of: call, current)
            return .candidates(Self.matching(current, Self.subcommands(of: call.command) + own))
        }
        if call.arguments.contains("--") {
            let end = before.firstIndex(of: "--") ?? before.startIndex
            return .command(at: end + 1)
        }
        let flags = DeclaredFlags(of: call.command)
        if current.hasPrefix("-") {
            return .candidates(
                Self.matching(
                    current,
                    flags.list.map { Candidate(value: $0.name, about: $0.about) },
                )
            )
        }
        if let last = call.arguments.last, let flag = flags.taking(last) {
            let values = flag.name == "--process" ? known.processes() : flag.values
            return values.isEmpty
                ? .files
                : .candidates(Self.matching(current, values.map { Candidate(value: $0) }))
        }
        let values = Self.matching(current, values(of: call, current))
        return values.isEmpty ? .files : .candidates(values)
    }

    /// A command, a global flag, or the name of an app to run.
    private func first(_ current: String) -> Answer {
        if current.hasPrefix("-") {
            let flags =
                RunGrammar.commonFlags + GlobalOptions.names + ["--name", "--help", "--version"]
            return .candidates(Self.matching(current, flags.map { Candidate(value: $0) }))
        }
        let run = Candidate(value: "run", about: "Run a command under the project's own name.")
        let names = known.names().map { Candidate(value: $0, about: "An app's name.") }
        return .candidates(
            Self.matching(current, Self.subcommands(of: PortlessCommand.self) + [run] + names)
        )
    }

    private func commands(after words: [String], _ current: String) -> Answer {
        guard let first = words.first else {
            return .candidates(Self.matching(current, Self.subcommands(of: PortlessCommand.self)))
        }
        guard words.count == 1, let call = CommandCall([first]) else { return .candidates([]) }
        return .candidates(Self.matching(current, Self.subcommands(of: call.command)))
    }

    /// Named mode and `run`: flags, then the program with its own arguments.
    private func program(in before: ArraySlice<String>, _ current: String) -> Answer {
        let valued: Set = [
            "--app-port", "--name", "--prefix", "--script", "--kill-timeout", "--ip", "--path",
        ]
        var index = before.startIndex
        var hasName = false
        while index < before.endIndex {
            let word = before[index]
            if word == "--" { return .command(at: index + 1) }
            if word.hasPrefix("-") {
                index += valued.contains(word) ? 2 : 1
                if word == "--name" { hasName = true }
                continue
            }
            if hasName || index > before.startIndex, hasName || isNamed(before[..<index]) {
                return .command(at: index)
            }
            hasName = true
            index += 1
        }
        // The value of a flag.
        guard index == before.endIndex else { return .files }
        guard current.hasPrefix("-") else { return .command(at: index) }
        let own = before.first == "run" ? ["--name", "--prefix", "--no-worktree", "--help"] : []
        let flags = RunGrammar.commonFlags + own + GlobalOptions.names
        return .candidates(Self.matching(current, flags.map { Candidate(value: $0) }))
    }

    private func isNamed(_ words: ArraySlice<String>) -> Bool {
        words.contains { !$0.hasPrefix("-") }
    }

    /// What the command's arguments may be.
    private func values(of call: CommandCall, _ current: String) -> [Candidate] {
        let name = call.words.prefix(call.isSubcommand ? 2 : 1).joined(separator: " ")
        let given = call.arguments.filter { !$0.hasPrefix("-") }
        let values: [String] =
            switch name {
            case "get", "open", "qr", "wait", "traffic", "alias", "share", "browser open",
                "browser screenshot":
                known.names()
            case "up", "down", "restart", "logs":
                known.apps() + known.processes()
            case "apps show", "apps set", "apps remove": known.apps()
            case "ports lease", "ports release":
                given.first.map { known.leases()[$0] ?? [] } ?? Array(known.leases().keys).sorted()
            case "ports explain", "ports kill": known.ports()
            case "jobs show", "jobs logs", "jobs wait", "jobs stop", "jobs kill": known.jobs()
            case "crashes show", "crashes restart", "crashes patch", "crashes apply",
                "crashes discard":
                known.crashes()
            case "remote": known.machines()
            case "completions": CompletionScript.shells
            case "mcp install": ["claude", "cursor", "vscode", "codex"]
            default: []
            }
        return values.filter { !given.contains($0) }.map { Candidate(value: $0) }
    }

    private static func subcommands(of command: any ParsableCommand.Type) -> [Candidate] {
        command.configuration.subcommands
            .filter { $0.configuration.shouldDisplay }
            .map { Candidate(value: $0._commandName, about: $0.configuration.abstract) }
    }

    private static func matching(_ beginning: String, _ list: [Candidate]) -> [Candidate] {
        var known: Set<String> = []
        return list.filter {
            $0.value.hasPrefix(beginning) && $0.isPlain && known.insert($0.value).inserted
        }
    }
}

extension Completion.Answer {
    /// The lines that the shells' scripts read.
    var lines: [String] {
        switch self {
        case .candidates(let list):
            list.map { $0.about.isEmpty ? $0.value : "\($0.value)\t\($0.about)".visible }
        case .files: [":files"]
        case .command(let index): [":command \(index)"]
        }
    }
}
