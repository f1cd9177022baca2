/// The program that a command line finally runs, after wrappers such as `npx` and `env`.
enum CommandTarget: Equatable {
    /// A program, whose name is the word at `index`.
    case program(name: String, index: Int)
    /// A script of package.json, named by the word at `index`.
    case script(PackageManager, index: Int)
    /// A command line within the word at `index`, for a shell to read.
    case shell(index: Int)

    /// Nil if the command or the place it runs in is unknown.
    init?(of words: [String]) {
        var reader = CommandReader(words)
        guard let target = reader.target() else { return nil }
        self = target
    }

    /// The package in which a command line's target runs; nil where it runs where the line does.
    static func package(of words: [String]) -> PackageSelection? {
        var reader = CommandReader(words)
        return reader.target() == nil ? nil : reader.package
    }
}

/// Reads a command line from left to right and skips wrappers.
struct CommandReader {
    private let words: [String]
    private var index = 0
    /// The package that the flags of a package manager have selected so far.
    private(set) var package: PackageSelection?

    init(_ words: [String]) {
        self.words = words
    }

    mutating func target() -> CommandTarget? {
        while let word = skipAssignments() {
            let start = index
            index += 1
            let name = Self.programName(word)
            if let flags = Self.wrappers[name] {
                let own = words[index...].prefix { $0.hasPrefix("-") }
                if name == "env", let flag = own.last, flag == "-C", own.endIndex < words.count {
                    package = .folder(words[own.endIndex])
                }
                skipFlags(withValues: flags)
                continue
            }
            switch name {
            case "env-cmd": skipEnvironmentFile()
            case "dotenv", "dotenvx":
                skipFlags(withValues: Self.dotenvFlags)
                if take(["run"]) { skipFlags(withValues: Self.dotenvFlags) }
            case "npm": return npm()
            case "pnpm": return packageManager(.pnpm)
            case "yarn": return packageManager(.yarn)
            case "bun": return packageManager(.bun)
            case "bundle", "poetry", "pipenv", "pdm", "uv", "rye", "hatch", "pixi", "doppler",
                "infisical", "op", "mise":
                guard take(["exec", "run", "x"]) else { return nil }
                skipFlags(withValues: ["-p", "--python", "--with", "--env-file", "--extra", "-e"])
            case _ where Self.shells.contains(name): return shell(at: start)
            case "nodemon":
                let flag = words[index...].firstIndex { ["-x", "--exec"].contains($0) }
                if let flag, words.indices.contains(flag + 1), words[flag + 1].contains(" ") {
                    return .shell(index: flag + 1)
                }
                return .program(name: name, index: start)
            case "php" where words[index...].contains("-S"):
                return .program(name: name, index: start)
            case "php", "ruby", "node": skipFlags(withValues: ["-r", "--require", "-I", "-d"])
            case _ where Self.isPython(name): return python()
            default: return .program(name: name, index: start)
            }
        }
        return nil
    }

    /// Wrappers that run the command after their own flags, and which of the flags have values.
    private static let wrappers: [String: Set<String>] = [
        "env": ["-u", "-C", "-S"], "cross-env": [], "cross-env-shell": [],
        "npx": ["-p", "--package"], "bunx": ["-p", "--package"], "pnpx": ["-p", "--package"],
        "exec": ["-a"], "command": [], "time": [], "nohup": [], "setsid": [], "nice": ["-n"],
        "sudo": ["-u", "-g"], "caffeinate": [], "dumb-init": [], "tini": [], "ddtrace-run": [],
        "opentelemetry-instrument": [], "--": [],
    ]

    static let shells: Set = ["sh", "bash", "zsh", "dash", "ash"]

    private static let dotenvFlags: Set<String> = ["-e", "-c", "-p", "-v", "-f", "--env-file"]

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

    /// `env-cmd -f .env next dev`, and `env-cmd .env next dev` as it was.
    private mutating func skipEnvironmentFile() {
        skipFlags(withValues: ["-f", "--file", "-e", "--environments", "-r", "--rc-file"])
        if index < words.count, words[index].hasPrefix(".") { index += 1 }
    }

    /// `sh -c "command line"`, else the script that the shell runs.
    private func shell(at start: Int) -> CommandTarget? {
        let flag = words[index...].firstIndex { !$0.hasPrefix("-") } ?? words.endIndex
        guard flag < words.endIndex else { return nil }
        let takesText = words[index..<flag].contains { $0.hasSuffix("c") && !$0.hasPrefix("--") }
        return takesText
            ? .shell(index: flag) : .program(name: Self.programName(words[flag]), index: flag)
    }

    private mutating func take(_ options: Set<String>) -> Bool {
        guard index < words.count, options.contains(words[index]) else { return false }
        index += 1
        return true
    }

    private mutating func npm() -> CommandTarget? {
        skipManagerFlags(of: .npm)
        if take(["exec", "x"]) { return launched(by: .npm) }
        if take(["run", "run-script"]) { return script(.npm) }
        // The subcommands that are commands of the package manager itself.
        return index < words.count && ["start", "test"].contains(words[index])
            ? script(.npm) : nil
    }

    private mutating func packageManager(_ manager: PackageManager) -> CommandTarget? {
        skipManagerFlags(of: manager)
        if manager == .yarn, take(["workspace"]), index < words.count {
            package = .package(words[index])
            index += 1
        }
        if take(["dlx", "exec", "x"]) { return launched(by: manager) }
        if take(["run"]) { return script(manager) }
        // A script if there is one of that name, else a program of the project.
        return index < words.count ? .script(manager, index: index) : nil
    }

    private mutating func script(_ manager: PackageManager) -> CommandTarget? {
        skipManagerFlags(of: manager)
        guard index < words.count else { return nil }
        let script = index
        // npm reads its own flags after the script's name, too, up to `--`.
        if manager == .npm {
            while index < words.count, words[index] != "--" {
                index += 1
                skipManagerFlags(of: .npm)
            }
        }
        return .script(manager, index: script)
    }

    private mutating func launched(by manager: PackageManager) -> CommandTarget? {
        skipManagerFlags(of: manager, withValues: ["-p", "--package"])
        return target()
    }

    /// Skips the flags, up to and with `--`, and notes which package they select.
    private mutating func skipManagerFlags(
        of manager: PackageManager,
        withValues valued: Set<String> = [],
    ) {
        while index < words.count, words[index].hasPrefix("-"), words[index] != "--" {
            let flag = words[index]
            index += valued.contains(flag) ? 2 : 1
            let parts = flag.split(separator: "=", maxSplits: 1).map { String($0) }
            guard let selector = manager.selector(parts.first ?? flag) else { continue }
            let isFurther = package != nil
            switch selector {
            case .fixed(let selection): package = selection
            case .by(let selection) where parts.count > 1: package = selection(parts[1])
            case .by(let selection) where index < words.count:
                package = selection(words[index])
                index += 1
            case .by: continue
            }
            if isFurther { package = .several }
        }
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
        return .program(name: Self.programName(words[index]), index: index)
    }

    private static func isPython(_ name: String) -> Bool {
        guard name.hasPrefix("python") else { return false }
        return name.dropFirst("python".count).replacing(".exe", with: "")
            .allSatisfy { $0.isNumber || $0 == "." }
    }

    /// The program's name in a path or a word such as `vite@latest`.
    static func programName(_ word: String) -> String {
        let parts = word.split(separator: "/")
        var name = parts.last.map { String($0) } ?? word
        // A package's own file: `node_modules/vite/bin/vite.js`, `node_modules/serve/main.js`.
        if let packages = parts.lastIndex(of: "node_modules"), parts.count > packages + 2 {
            for ending in [".js", ".cjs", ".mjs"] where name.hasSuffix(ending) {
                name.removeLast(ending.count)
            }
            if ["cli", "index", "main", "bin"].contains(name) {
                name = String(parts[packages + (parts[packages + 1].hasPrefix("@") ? 2 : 1)])
            }
        }
        return name.split(separator: "@").first.map { String($0) } ?? name
    }
}
