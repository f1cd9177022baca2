import HostSystem

// What a program needs and doesn't find: modules, variables, programs, files, memory.

extension CrashDiagnosis {
    @Sendable static func moduleMissing(
        _ line: OutputLine,
        _ index: Int,
        _ facts: CrashFacts,
    ) -> CrashDiagnosis? {
        guard let (name, language) = missingModule(line, facts) else { return nil }
        guard !isPath(name) else { return missing(file: name) }
        let shown = name.visibleLine
        switch language {
        case .node:
            let tool = ["bun", "pnpm", "yarn"].first { facts.program == $0 } ?? "npm"
            return CrashDiagnosis(
                .moduleMissing,
                "The package \(shown) isn't installed.",
                remedy: "Install what the project needs; add \(shown) if package.json lacks it.",
                command: "\(tool) install",
            )
        case .python:
            return CrashDiagnosis(
                .moduleMissing,
                "Python finds no module \(shown).",
                remedy: """
                    Install what the project needs into the environment that runs it, and check \
                    that this is the Python of that environment.
                    """,
            )
        case .ruby: return module(shown, "Ruby finds no library", "bundle install")
        case .php: return module(shown, "PHP finds no class or file", "composer install")
        case .go: return module(shown, "Go finds no package", "go mod tidy")
        case .rust: return module(shown, "Rust finds no crate", nil)
        case .java: return module(shown, "Java finds no class", nil)
        case .deno: return module(shown, "Deno finds no module", "deno install")
        }
    }

    private static func module(
        _ name: String,
        _ words: String,
        _ command: String?,
    ) -> CrashDiagnosis {
        CrashDiagnosis(
            .moduleMissing,
            "\(words) \(name).",
            remedy: "Install what the project needs, or correct the name.",
            command: command,
        )
    }

    private enum Language {
        case node, python, ruby, php, go, rust, java, deno
    }

    private static func missingModule(
        _ line: OutputLine,
        _ facts: CrashFacts,
    ) -> (name: String, Language)? {
        let quoted: [(String, String, Language)] = [
            ("Cannot find module '", "'", .node), ("Cannot find package '", "'", .node),
            ("Cannot find module \"", "\"", .node), ("Cannot find package \"", "\"", .node),
            ("Can't resolve '", "'", .node), ("Could not resolve \"", "\"", .node),
            ("Failed to resolve import \"", "\"", .node),
            ("No module named '", "'", .python), ("Could not find gem '", "'", .ruby),
            ("Failed opening required '", "'", .php), ("Class \"", "\" not found", .php),
            ("cannot find package \"", "\"", .go), ("can't find crate for `", "`", .rust),
            ("unresolved import `", "`", .rust), ("Module not found \"", "\"", .deno),
        ]
        for (start, end, language) in quoted {
            if let name = line.between(start, end) { return (name, language) }
        }
        let open: [(String, Language)] = [
            ("No module named ", .python), ("cannot load such file -- ", .ruby),
            ("no required module provides package ", .go), ("ClassNotFoundException: ", .java),
            ("NoClassDefFoundError: ", .java), ("Could not find or load main class ", .java),
            ("Could not load file or assembly ", .java),
        ]
        for (start, language) in open {
            guard let rest = line.after(start) else { continue }
            let name = rest.prefix { !" ;,()".contains($0) }
            if !name.isEmpty { return (name.filter { !"'\"".contains($0) }, language) }
        }
        return nil
    }

    private static func isPath(_ name: String) -> Bool {
        name.hasPrefix("/") || name.hasPrefix(".") || name.hasPrefix("file:")
    }

    // MARK: Variables

    @Sendable static func variableMissing(
        _ line: OutputLine,
        _ index: Int,
        _ facts: CrashFacts,
    ) -> CrashDiagnosis? {
        let names = line.text.split { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_")) }
            .filter(isVariable)
        let says =
            line.has(any: "nvironment variable", "env var", "ENV var", "environment key")
            && line.has(any: "issing", "equired", "not set", "not found", "undefined", "must be")
        if says || line.has("process.env.") && line.has(any: "issing", "equired", "not set") {
            guard let name = names.first(where: { !facts.variables.contains(String($0)) }) else {
                guard let set = names.first else { return nil }
                return CrashDiagnosis(
                    .variableMissing,
                    "The output complains about the variable \(set), which is set.",
                    isCertain: false,
                    remedy: "Look at its value.",
                )
            }
            return variable(String(name), isCertain: true)
        }
        // Python's os.environ and Ruby's ENV.fetch name the key, as any other dictionary does.
        let key =
            line.begins(with: "KeyError: '")
            ? line.between("KeyError: '", "'") : line.between("key not found: \"", "\"")
        if let key, isVariable(key[...]), !facts.variables.contains(key) {
            let isOfEnvironment = facts.before(index, 4).contains { $0.has(any: "environ", "ENV") }
            return variable(key, isCertain: isOfEnvironment)
        }
        if line.has(any: "`Err` value: NotPresent", "environment variable not found") {
            return CrashDiagnosis(
                .variableMissing,
                "An environment variable that it needs isn't set; the output doesn't say which.",
                isCertain: false,
            )
        }
        return nil
    }

    private static func variable(_ name: String, isCertain: Bool) -> CrashDiagnosis {
        CrashDiagnosis(
            .variableMissing,
            isCertain
                ? "The environment variable \(name) isn't set."
                : "\(name) may be an environment variable that isn't set.",
            isCertain: isCertain,
            remedy: "Set \(name) in the project's .env file or where the process is declared.",
        )
    }

    private static func isVariable(_ word: Substring) -> Bool {
        word.utf8.count > 2 && word.first?.isNumber == false
            && word.utf8.allSatisfy { byte in
                (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F
            } && !["KEY", "ERR", "ERROR", "ENV", "FATAL", "NOT", "WARN", "INFO"].contains(word)
    }

    // MARK: Memory

    @Sendable static func outOfMemory(
        _ line: OutputLine,
        _ index: Int,
        _ facts: CrashFacts,
    ) -> CrashDiagnosis? {
        if line.has("JavaScript heap out of memory") {
            return CrashDiagnosis(
                .outOfMemory,
                "JavaScript's heap was full.",
                remedy: """
                    Look for what grows without end; a larger heap is \
                    NODE_OPTIONS=--max-old-space-size=4096.
                    """,
            )
        }
        guard
            line.has(any: "OutOfMemoryError", "NoMemoryError", "std::bad_alloc", "ENOMEM")
                || line.begins(with: "MemoryError")
                || line.has(any: "runtime: out of memory", "Cannot allocate memory")
                || line.has("memory allocation of") && line.has("failed")
                || line.has("Allowed memory size of") && line.has("exhausted")
        else { return nil }
        return CrashDiagnosis(
            .outOfMemory,
            "It got no more memory.",
            remedy: "Look for what grows without end, or raise the limit that the line names.",
        )
    }

    // MARK: Programs and files

    @Sendable static func interpreter(
        _ line: OutputLine,
        _ index: Int,
        _ facts: CrashFacts,
    ) -> CrashDiagnosis? {
        let script = line.text.split(separator: ":").map { $0.drop { $0 == " " } }
            .first { $0.contains("/") && !$0.contains(" ") }.map { String($0).visibleLine }
        if line.has(any: "Exec format error", "cannot execute binary file", "ENOEXEC") {
            return CrashDiagnosis(
                .interpreter,
                "\(script ?? "A file") is no program for this machine.",
                remedy: "Build it for this system and processor, or correct its first line.",
            )
        }
        if line.has(any: "cannot execute: required file not found", "bad interpreter") {
            return CrashDiagnosis(
                .interpreter,
                "The interpreter that \(script ?? "a script") names in its first line isn't there.",
                remedy: "Install it, or correct the line that begins with #!.",
            )
        }
        if facts.exitCode == 126, line.has("ermission denied") {
            return CrashDiagnosis(
                .interpreter,
                "\(script ?? "A file") isn't executable.",
                remedy: "Make it executable.",
                command: script.map { "chmod +x \(ShellWords.quotedIfNeeded($0))" },
            )
        }
        return nil
    }

    @Sendable static func commandMissing(
        _ line: OutputLine,
        _ index: Int,
        _ facts: CrashFacts,
    ) -> CrashDiagnosis? {
        if let name = line.between("/usr/bin/env: ‘", "’: No such file")
            ?? line.between("env: ", ": No such file")
        {
            return missing(program: name.filter { !"‘’'".contains($0) })
        }
        if let name = line.between("spawn ", " ENOENT") { return missing(program: name) }
        let words = line.text.split(separator: ":").map { $0.drop { $0 == " " } }
        let isShell = facts.exitCode == 127 && words.last?.hasPrefix("not found") == true
        guard line.has("command not found") || isShell, words.count > 1 else { return nil }
        // `sh: 1: tool: not found`, `bash: line 1: tool: command not found`, and zsh's
        // `zsh: command not found: tool`.
        let last = words[words.count - 1]
        let name =
            last.hasPrefix("command not found") || last.hasPrefix("not found")
            ? words[words.count - 2] : last
        guard name.contains("/") else { return missing(program: String(name)) }
        return CrashDiagnosis(
            .interpreter,
            """
            \(String(name).visibleLine) isn't there, or the interpreter that its first line names \
            isn't.
            """,
            isCertain: false,
            remedy: "Check the path, and the line of the file that begins with #!.",
        )
    }

    static func missing(program: String) -> CrashDiagnosis {
        CrashDiagnosis(
            .commandMissing,
            "The program \(program.visibleLine) isn't installed, or isn't in PATH.",
            remedy: "Install it, or bring the app up from a terminal that finds it.",
        )
    }

    @Sendable static func fileMissing(
        _ line: OutputLine,
        _ index: Int,
        _ facts: CrashFacts,
    ) -> CrashDiagnosis? {
        guard
            line.has(any: "o such file or directory", "ENOENT", "kind: NotFound")
                || line.has(any: "Could not open input file", "Unable to access jarfile")
        else { return nil }
        let name =
            line.after("Could not open input file: ", "Unable to access jarfile ").map(String.init)
            ?? line.between("can't open file '", "'") ?? path(in: line)
        guard let name else {
            return CrashDiagnosis(
                .fileMissing,
                "A file isn't there; the output doesn't say which.",
                isCertain: false,
            )
        }
        return missing(file: name)
    }

    private static func missing(file: String) -> CrashDiagnosis {
        CrashDiagnosis(
            .fileMissing,
            "\(file.visibleLine) isn't there.",
            remedy: "Check the path, and the folder that the process runs in.",
        )
    }

    // MARK: Syntax

    @Sendable static func syntax(
        _ line: OutputLine,
        _ index: Int,
        _ facts: CrashFacts,
    ) -> CrashDiagnosis? {
        guard
            line.has(any: "SyntaxError: ", "IndentationError: ", "TabError: ", "syntax error")
                || line.has(any: "Parse error: ", "error TS1", "error: expected ")
        else { return nil }
        // Data that can't be parsed is no mistake in a file of the program; SQL has its own.
        guard !line.has(any: "JSON", "SQL", "at or near", "psycopg") else { return nil }
        let place = ([line] + facts.before(index, 8)).lazy.compactMap(place).first
        let file = place.map { "\($0.visibleLine) has a syntax error" } ?? "There is a syntax error"
        let words = line.after("SyntaxError: ", "IndentationError: ", "syntax error, ").map(
            String.init
        )
        return CrashDiagnosis(
            .syntax,
            "\(file)\(words.map { ": \($0.visibleLine)" } ?? "").",
            remedy: "Correct that line.",
        )
    }

    /// `file:line`, as Node and Ruby write it, `File "file", line 1` or `file on line 1`.
    private static func place(in line: OutputLine) -> String? {
        if let file = line.between("File \"", "\", line "), let rest = line.after("\", line ") {
            return "\(file):\(rest.prefix(while: \.isNumber))"
        }
        if let rest = line.after(" on line "), let file = line.after(" in ") {
            return "\(file.prefix { $0 != " " }):\(rest.prefix(while: \.isNumber))"
        }
        let first = line.text.split(separator: " ").first ?? ""
        let parts = first.split(separator: ":")
        guard parts.count >= 2, parts[0].contains("."), Int(parts[1]) != nil else { return nil }
        return "\(parts[0]):\(parts[1])"
    }
}
