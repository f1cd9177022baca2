/// What a command line runs in the end, past all those that only run others.
enum CommandTarget: Equatable {
    /// A program, whose name is the word at `index`.
    case program(name: String, index: Int)
    /// A script of package.json, named by the word at `index`.
    case script(PackageManager, index: Int)

    /// Nil if nothing is run that is known, or in a place that isn't.
    init?(of words: [String]) {
        var reader = CommandReader(words)
        guard let target = reader.target() else { return nil }
        self = target
    }
}

/// Reads a command line from left to right, past everything that only runs something else.
struct CommandReader {
    private let words: [String]
    private var index = 0

    init(_ words: [String]) {
        self.words = words
    }

    mutating func target() -> CommandTarget? {
        while let word = skipAssignments() {
            let start = index
            index += 1
            switch Self.baseName(word) {
            case "env", "cross-env": skipFlags(withValues: ["-u", "-C", "-S"])
            case "npx", "bunx", "pnpx": skipFlags(withValues: ["-p", "--package"])
            case "npm": return npm()
            case "pnpm": return packageManager(.pnpm)
            case "yarn": return packageManager(.yarn)
            case "bun": return packageManager(.bun)
            case "bundle", "poetry", "pipenv", "pdm", "uv", "rye", "hatch", "pixi":
                guard take(["exec", "run"]) else { return nil }
                skipFlags(withValues: ["-p", "--python", "--with", "--env-file", "--extra", "-e"])
            case "php", "ruby", "node": skipFlags(withValues: ["-r", "--require", "-I", "-d"])
            case let name where Self.isPython(name): return python()
            case let name: return .program(name: Self.withoutVersion(name), index: start)
            }
        }
        return nil
    }

    /// Steps over assignments, as in `FOO=1 BAR=2 program`.
    private mutating func skipAssignments() -> String? {
        while index < words.count {
            let word = words[index]
            guard let equals = word.firstIndex(of: "="), equals > word.startIndex,
                word[..<equals].allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
            else { return word }
            index += 1
        }
        return nil
    }

    private mutating func skipFlags(withValues valued: Set<String>) {
        while index < words.count, words[index].hasPrefix("-") {
            index += valued.contains(words[index]) ? 2 : 1
        }
    }

    private mutating func take(_ options: Set<String>) -> Bool {
        guard index < words.count, options.contains(words[index]) else { return false }
        index += 1
        return true
    }

    private mutating func npm() -> CommandTarget? {
        guard skipManagerFlags() else { return nil }
        if take(["exec", "x"]) { return launched() }
        if take(["run", "run-script"]) { return script(.npm) }
        // The scripts that have commands of their own.
        return index < words.count && ["start", "test"].contains(words[index])
            ? .script(.npm, index: index) : nil
    }

    private mutating func packageManager(_ manager: PackageManager) -> CommandTarget? {
        guard skipManagerFlags() else { return nil }
        if take(["dlx", "exec", "x"]) { return launched() }
        if take(["run"]) { return script(manager) }
        // A script if there is one of that name, else a program of the project.
        return index < words.count ? .script(manager, index: index) : nil
    }

    private mutating func script(_ manager: PackageManager) -> CommandTarget? {
        guard skipManagerFlags(), index < words.count else { return nil }
        return .script(manager, index: index)
    }

    private mutating func launched() -> CommandTarget? {
        skipFlags(withValues: ["-p", "--package"])
        return target()
    }

    /// False if the script would be another package's, whose text isn't known.
    private mutating func skipManagerFlags() -> Bool {
        while index < words.count, words[index].hasPrefix("-") {
            guard !PackageManager.leadsElsewhere(words[index]) else { return false }
            index += 1
        }
        return true
    }

    /// Reads what follows Python: `-m module` or `script.py`.
    private mutating func python() -> CommandTarget? {
        while index < words.count, words[index].hasPrefix("-"), words[index] != "-m" {
            guard words[index] != "-c" else { return nil }
            index += ["-W", "-X"].contains(words[index]) ? 2 : 1
        }
        if take(["-m"]) {
            return index < words.count ? .program(name: words[index], index: index) : nil
        }
        guard index < words.count else { return nil }
        return .program(name: Self.baseName(words[index]), index: index)
    }

    private static func isPython(_ name: String) -> Bool {
        guard name.hasPrefix("python") else { return false }
        return name.dropFirst("python".count).allSatisfy { $0.isNumber || $0 == "." }
    }

    private static func baseName(_ path: String) -> String {
        path.split(separator: "/").last.map { String($0) } ?? path
    }

    /// Takes `vite@latest` for `vite`.
    private static func withoutVersion(_ name: String) -> String {
        name.split(separator: "@").first.map { String($0) } ?? name
    }
}
