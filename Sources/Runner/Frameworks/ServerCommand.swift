import PortlessCore
import Projects

/// Tells the commands that obviously run a server, whether they are told their port or read `PORT`.
package enum ServerCommand {
    /// `text` is what a shell reads; `script` gives the text of a script of package.json.
    package static func serves(
        _ text: String,
        script: (String) -> String? = { _ in nil },
    ) -> Bool {
        serves(text, script, depth: 0)
    }

    private static func serves(
        _ text: String,
        _ script: (String) -> String?,
        depth: Int,
    ) -> Bool {
        guard depth < 8, let words = ShellWords.lastCommand(of: text) else { return false }
        switch CommandTarget(of: words) {
        case nil: return false
        case .program(let name, let index):
            let arguments = Array(words[(index + 1)...])
            return isServer(name, arguments)
                ?? runsScript(words, program: name, at: index, arguments)
        case .script(let manager, let index):
            if let text = script(words[index]) { return serves(text, script, depth: depth + 1) }
            let arguments = Array(words[(index + 1)...])
            guard manager != .npm else { return false }
            return isServer(words[index], arguments)
                ?? (manager == .bun && isScript(words[index]))
        }
    }

    /// Nil for what no table knows.
    private static func isServer(_ name: String, _ arguments: [String]) -> Bool? {
        let framework = Framework.named(name) ?? readingPORT.first { $0.names.contains(name) }
        if let framework { return framework.serves(with: arguments) }
        return ServerScript.serves(name) ? nil : false
    }

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
