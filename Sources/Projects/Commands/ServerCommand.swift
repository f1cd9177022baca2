import PortlessCore

/// Distinguishes commands that serve, and so get a port and a name, from others.
package enum ServerCommand {
    /// Whether the command serves, judged by its text and the name of its process; nil if neither
    /// shows it.
    ///
    /// `text` is a shell command, which runs in `folder`.
    package static func serves(
        _ text: String,
        named name: String? = nil,
        in folder: CommandFolder = .unknown,
    ) -> Bool? {
        if name == "web" || mentionsPort(text) { return true }
        if let name, isNamedLikeHelper(name) { return false }
        var budget = 64
        if let answer = answer(CommandWords(text), folder, &budget) { return answer }
        if CommandWords(text).commands().contains(where: \.isToldWhereToListen) { return true }
        return name.map { serverNames.contains($0.lowercased()) } == true ? true : nil
    }

    /// Whether the command runs a server of pages, such as Vite or Next.
    package static func showsPages(
        _ text: String,
        in folder: CommandFolder = .unknown,
    ) -> Bool {
        CommandWords(text).commands(in: folder).contains { $0.kind == .pages }
    }

    /// Whether the command mentions a port, and so serves.
    static func mentionsPort(_ text: String) -> Bool {
        text.contains("$PORT") || text.contains("${PORT")
    }

    // MARK: Names

    /// Whether the name is typical of programs that don't serve.
    static func isNamedLikeHelper(_ name: String) -> Bool {
        let words = name.lowercased().split { "_-".contains($0) || $0.isNumber }
        return words.contains { ["worker", "workers"].contains($0) }
            || words.last.map { helpers.contains(String($0)) } ?? false
    }

    private static let helpers: Set = [
        "release", "postdeploy", "migrate", "job", "jobs", "clock", "cron", "scheduler", "queue",
        "sidekiq", "resque", "celery", "beat", "css", "js", "assets", "tailwind", "types", "watch",
        "watcher", "build", "test", "tests", "guard", "console",
    ]

    private static let serverNames: Set = [
        "admin", "api", "app", "backend", "client", "dashboard", "dev", "frontend", "server",
        "site", "ui", "web", "www",
    ]

    // MARK: Commands

    private static func answer(
        _ line: CommandWords,
        _ folder: CommandFolder,
        _ budget: inout Int,
    ) -> Bool? {
        // Scripts may run one another, and themselves.
        guard budget > 0 else { return nil }
        budget -= 1
        let commands = line.simpleCommands(in: folder)
        guard !line.isOpen, !commands.contains(where: \.isForShellOnly) else {
            // In a line that only a shell understands, the first command may still be a compiler.
            guard case .program(let name, _) = commands.first?.target else { return nil }
            return builders.contains(name) ? false : nil
        }
        // `tsc && node server.js`, `vite & node api.js`: one command that serves is enough.
        var result: Bool?
        for command in commands.prefix(32) {
            let answer = answer(command.words.map(\.text), command.folder, &budget)
            if answer == true { return true }
            result = result ?? answer
        }
        return result
    }

    /// Whether one simple command serves.
    static func answer(
        _ words: [String],
        _ folder: CommandFolder,
        _ budget: inout Int,
    ) -> Bool? {
        let package = CommandTarget.package(of: words)
        let folder = folder.selecting(package)
        switch CommandTarget(of: words) {
        case nil: return nil
        case .program(let name, let index):
            let arguments = Array(words[(index + 1)...])
            if let answer = answer(name, arguments) { return answer }
            let isListed = Framework.known(name) != nil || CommandWords.pageTools.contains(name)
            return (!isListed || launchers.contains(name))
                && runsScript(words, program: name, at: index, arguments) ? true : nil
        case .script(let manager, let index):
            if let text = folder.script(words[index])?.string {
                return answer(CommandWords(text), folder, &budget)
            }
            let arguments = Array(words[(index + 1)...])
            if package != nil, let answer = servesElsewhere(words[index]) { return answer }
            guard manager != .npm else { return nil }
            if let answer = answer(words[index], arguments) { return answer }
            return manager == .bun && isScript(words[index]) ? true : nil
        case .shell(let index): return answer(CommandWords(words[index]), folder, &budget)
        }
    }

    /// A script's text is unknown here, but its name isn't.
    private static func servesElsewhere(_ script: String) -> Bool? {
        ["dev", "start", "serve", "preview"].contains(script) ? true : nil
    }

    /// Nil for unknown programs, and for uses of a server's program that don't serve.
    private static func answer(_ name: String, _ arguments: [String]) -> Bool? {
        if let framework = Framework.known(name) {
            return framework.serves(with: arguments) ? true : nil
        }
        if CommandWords.pageTools.contains(name) {
            return arguments.contains("build") ? nil : true
        }
        return builders.contains(name) ? false : nil
    }

    /// Compilers and bundlers, which don't serve.
    private static let builders: Set = [
        "tsup", "tsc", "esbuild", "rollup", "babel", "swc", "unbuild", "pkgroll", "ncc",
        "microbundle",
    ]

    /// `node server.js`, `tsx watch server.ts`, `deno run -A main.ts`.
    private static func runsScript(
        _ words: [String],
        program: String,
        at index: Int,
        _ arguments: [String],
    ) -> Bool {
        if program == "nodemon" || program == "ts-node-dev",
            let script = arguments.first(where: { !$0.hasPrefix("-") }), !script.contains(".")
        {
            return true
        }
        if launchers.contains(program) {
            return arguments.contains { !$0.hasPrefix("-") && isScript($0) }
        }
        let isInterpreter = { (word: String) in
            let name = word.split(separator: "/").last.map { String($0) } ?? word
            return interpreters.contains { name == $0 } || name.hasPrefix("python")
        }
        guard let start = words[..<index].lastIndex(where: isInterpreter) else { return false }
        let flags = words[words.index(after: start)..<index]
        return flags.allSatisfy { !otherModes.contains($0) }
    }

    private static let interpreters: Set = ["node", "ruby"]
    private static let launchers: Set = ["deno", "tsx", "ts-node", "ts-node-dev", "nodemon"]
    /// Flags that make an interpreter do something else than run a script.
    private static let otherModes: Set = [
        "-e", "--eval", "-p", "--print", "-c", "--check", "--test", "-m",
    ]

    private static func isScript(_ word: String) -> Bool {
        let endings = [".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx"]
        return endings.contains(where: word.hasSuffix)
    }
}
