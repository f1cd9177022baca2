package import PortlessCore

/// Finds the servers that one command line starts side by side and that would all take `PORT`.
package enum SharedPort {
    /// One sentence where several servers would listen on the one `PORT`; nil where they don't.
    package static func warning(
        of process: String,
        running command: [String],
        in folder: CommandFolder,
        port: Port? = nil,
    ) -> String? {
        let line = CommandWords(CommandText.text(of: command))
        let servers = servers(of: CommandExpansion(line, in: folder).commands)
        guard servers.count > 1 else { return nil }
        return """
            \(process) starts \(servers.count) servers that all get PORT\
            \(port.map { " \($0)" } ?? ""), where only one can listen: \
            \(servers.joined(separator: ", ")). Give each a port of its own in its script \
            (PORT=3001 in front, or a flag), or make each a process of its own under \
            "processes" in portless.json.
            """
    }

    /// The servers among commands that take their port from `PORT`, by their command lines.
    static func servers(of commands: some Sequence<CommandWords>) -> [String] {
        commands.filter(\.takesPORT).map { command in
            command.words.map(\.text).joined(separator: " ").shortened(to: 40)
        }
    }
}

extension CommandWords {
    /// Whether it serves, lasts, and has no port but `PORT`.
    fileprivate var takesPORT: Bool {
        guard !isFollowed, isServer, listening.allSatisfy(\.isDebugger) else { return false }
        if words.contains(where: { ServerCommand.mentionsPort($0.text) }) { return true }
        guard case .program(let name, let index) = target else { return false }
        // What needs its port on the command line doesn't know `PORT`.
        guard Framework.named(name) == nil || name == "gunicorn" else { return false }
        let stem = ProjectPath.name(of: words[index].text).prefix { $0 != "." }
        return !ServerCommand.isNamedLikeHelper(String(stem))
    }
}
