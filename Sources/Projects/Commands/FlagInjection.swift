package import PortlessCore

/// Adds port flags to the command lines of servers that don't read `PORT`.
package struct FlagInjection: Sendable {
    package var port: Port
    package var host = "127.0.0.1"
    package var isLAN = false

    package init(port: Port, isLAN: Bool = false) {
        self.port = port
        self.isLAN = isLAN
    }

    /// The command line with the missing flags.
    ///
    /// Through the scripts of `folder`, where the command runs, flags also reach a server of
    /// `npm run dev`.
    package func applied(
        to command: [String],
        in folder: CommandFolder = .unknown,
    ) -> [String] {
        let folder = folder.selecting(CommandTarget.package(of: command))
        switch CommandTarget(of: command) {
        case nil, .shell: return command
        case .program(let name, let index):
            let rest = Array(command[(index + 1)...])
            guard !command[..<index].isNPMExec else {
                // npm reads all flags as its own, up to `--`.
                let additions = additions(name, rest.filter { $0 != "--" })
                let isSeparated = additions.isEmpty || rest.contains("--")
                return command + (isSeparated ? [] : ["--"]) + additions
            }
            return insert(additions(name, rest), into: command, index)
        case .script(let manager, let index):
            guard let text = folder.script(command[index])?.string else {
                // `pnpm vite`, `bun run vite`: no script, but a program of the project.
                guard manager != .npm else { return command }
                let rest = Array(command[(index + 1)...])
                return insert(additions(command[index], rest), into: command, index)
            }
            let given = command[(index + 1)...]
            let line = CommandExpansion(CommandWords(text), in: folder)
            guard SharedPort.servers(of: line.commands.dropLast()).isEmpty else { return command }
            let appended = appended(to: text, given: given.filter { $0 != "--" }, folder, depth: 0)
            return command + manager.passing(appended, after: given)
        }
    }

    /// The flags to append to a script's text for its last command, a server.
    private func appended(
        to text: String,
        given: [String],
        _ folder: CommandFolder,
        depth: Int,
    ) -> [String] {
        // A script may run itself.
        guard depth < 8, let words = CommandText.lastCommand(of: text) else { return [] }
        let place = CommandWords(text).simpleCommands(in: folder).last?.folder ?? folder
        let folder = place.selecting(CommandTarget.package(of: words))
        switch CommandTarget(of: words) {
        case nil, .shell: return []
        case .program(let name, let index):
            let own = Array(words[(index + 1)...])
            // Words after `--` aren't flags.
            return own.contains("--") ? [] : additions(name, own + given)
        case .script(let manager, let index):
            let rest = words[(index + 1)...]
            let all = rest.filter { $0 != "--" } + given
            guard let text = folder.script(words[index])?.string else {
                return manager == .npm ? [] : additions(words[index], all)
            }
            let inner = appended(to: text, given: all, folder, depth: depth + 1)
            return manager.passing(inner, after: rest)
        }
    }

    /// The flags that a server with these arguments lacks.
    private func additions(_ name: String, _ arguments: [String]) -> [String] {
        let own = Array(arguments.prefix { $0 != "--" })
        guard let framework = Framework.named(name), framework.serves(with: own) else { return [] }
        return framework.options.filter { !$0.isGiven(in: own) }.flatMap { option in
            words(for: option, of: name)
        }
    }

    private func words(for option: ServerOption, of name: String) -> [String] {
        let value: [String] =
            switch option.value {
            case .port: [port.description]
            case .address: ["\(host):\(port)"]
            case .host where name == "expo": isLAN ? [] : ["localhost"]
            case .host: [host]
            case .none: []
            }
        if value.isEmpty && option.value.isNeeded { return [] }
        return (option.flag.map { [$0] } ?? []) + value
    }

    /// Whether the command itself chooses where it listens in LAN mode, as Expo does.
    package static func leavesHost(to command: [String]) -> Bool {
        guard case .program(let name, _)? = CommandTarget(of: command) else { return false }
        return name == "expo"
    }

    /// Inserts the flags at the end, or before a `--` after the server's name.
    private func insert(_ additions: [String], into command: [String], _ index: Int) -> [String] {
        let end = command[(index + 1)...].firstIndex(of: "--") ?? command.endIndex
        return command[..<end] + additions + command[end...]
    }
}

extension ArraySlice<String> {
    /// Whether `npm exec` without a `--` of its own stands here, in front of a program.
    fileprivate var isNPMExec: Bool {
        guard let npm = firstIndex(where: { $0.split(separator: "/").last == "npm" }) else {
            return false
        }
        let words = self[(npm + 1)...]
        return !words.contains("--") && words.contains { $0 == "exec" || $0 == "x" }
    }
}

extension ServerOption.Value {
    fileprivate var isNeeded: Bool {
        if case .none = self { false } else { true }
    }
}
