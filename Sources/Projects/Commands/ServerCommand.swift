import HostSystem

/// Tells the commands that serve something, and so get a port and a name, from those that don't.
package enum ServerCommand {
    /// What the command and the name of its process tell; nil where neither tells anything.
    ///
    /// `text` is what a shell reads; `script` gives the text of a script of package.json.
    package static func serves(
        _ text: String,
        named name: String? = nil,
        script: (String) -> String? = { _ in nil },
    ) -> Bool? {
        if name == "web" || mentionsPort(text) { return true }
        if let name, isNamedLikeHelper(name) { return false }
        if let answer = answer(text, script, depth: 0) { return answer }
        return name.map { serverNames.contains($0.lowercased()) } == true ? true : nil
    }

    /// Whether the command asks for a port, and so has something to be reached.
    static func mentionsPort(_ text: String) -> Bool {
        text.contains("$PORT") || text.contains("${PORT")
    }

    // MARK: Names

    /// Whether the name is one that programs have which serve nothing.
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
        _ text: String,
        _ script: (String) -> String?,
        depth: Int,
    ) -> Bool? {
        guard depth < 8 else { return nil }
        guard let words = CommandText.lastCommand(of: text) else {
            // Of what only a shell understands, the first command may still be a compiler.
            let words = ShellWords.tokens(of: text).tokens.prefix { !$0.isSeparator }.map(\.text)
            guard case .program(let name, _) = CommandTarget(of: words) else { return nil }
            return builders.contains(name) ? false : nil
        }
        switch CommandTarget(of: words) {
        case nil: return nil
        case .program(let name, let index):
            let arguments = Array(words[(index + 1)...])
            if let answer = answer(name, arguments) { return answer }
            let isListed = Framework.named(name) != nil || CommandWords.pageTools.contains(name)
            return !isListed && runsScript(words, program: name, at: index, arguments) ? true : nil
        case .script(let manager, let index):
            if let text = script(words[index]) { return answer(text, script, depth: depth + 1) }
            let arguments = Array(words[(index + 1)...])
            guard manager != .npm else { return nil }
            if let answer = answer(words[index], arguments) { return answer }
            return manager == .bun && isScript(words[index]) ? true : nil
        }
    }

    /// Nil for what no table knows, and for what a server's program does instead of serving.
    private static func answer(_ name: String, _ arguments: [String]) -> Bool? {
        let framework = Framework.named(name) ?? readingPORT.first { $0.names.contains(name) }
        if let framework { return framework.serves(with: arguments) ? true : nil }
        if CommandWords.pageTools.contains(name) {
            return arguments.contains("build") ? nil : true
        }
        return builders.contains(name) ? false : nil
    }

    /// Compilers and bundlers, which have nothing to be reached.
    private static let builders: Set = [
        "tsup", "tsc", "esbuild", "rollup", "babel", "swc", "unbuild", "pkgroll", "ncc",
        "microbundle",
    ]

    /// `node server.js`, `tsx watch server.ts`, `deno run -A main.ts`, `php -S localhost:8000`.
    private static func runsScript(
        _ words: [String],
        program: String,
        at index: Int,
        _ arguments: [String],
    ) -> Bool {
        if launchers.contains(program) {
            return arguments.contains { !$0.hasPrefix("-") && isScript($0) }
        }
        let isInterpreter = { (word: String) in
            let name = word.split(separator: "/").last.map { String($0) } ?? word
            return interpreters.contains { name == $0 } || name.hasPrefix("python")
        }
        guard let start = words[..<index].lastIndex(where: isInterpreter) else {
            return words[..<index].contains("php") && words[..<index].contains("-S")
        }
        let flags = words[words.index(after: start)..<index]
        return flags.allSatisfy { !otherModes.contains($0) }
    }

    private static let interpreters: Set = ["node", "ruby"]
    private static let launchers: Set = ["deno", "tsx", "ts-node", "ts-node-dev", "nodemon"]
    /// What an interpreter does instead of running a script.
    private static let otherModes: Set = [
        "-e", "--eval", "-p", "--print", "-c", "--check", "--test", "-m",
    ]

    private static func isScript(_ word: String) -> Bool {
        let endings = [".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx"]
        return endings.contains(where: word.hasSuffix)
    }

    /// The servers that need no row in the table of those that have to be told their port.
    private static let readingPORT = [
        Framework("next", "nuxt", "nuxi", commands: ["", "dev", "start", "preview"], options: []),
        Framework("gatsby", commands: ["develop", "serve"], options: []),
        Framework("docusaurus", commands: ["start", "serve"], options: []),
        Framework("ember", commands: ["serve", "server", "s"], options: []),
        Framework("remix", commands: ["dev"], options: []),
        Framework("rails", commands: ["server", "s"], options: []),
        Framework(
            "remix-serve",
            "http-server",
            "serve",
            "live-server",
            "json-server",
            "puma",
            "rackup",
            "unicorn",
            "thin",
            "falcon",
            options: [],
        ),
    ]
}
