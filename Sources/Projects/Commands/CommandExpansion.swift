import PortlessCore

/// The simple commands of a line.
extension CommandWords {
    /// The simple commands with those that they run: in quotes (`concurrently "vite" "node api"`),
    /// and, as far as the folders are known, scripts of package.json.
    func commands(in folder: CommandFolder = .unknown) -> [CommandWords] {
        CommandExpansion(self, in: folder).commands
    }

    /// The simple commands as they are written; `cd` and `( … )` decide about their folders.
    func simpleCommands(in folder: CommandFolder) -> [CommandWords] {
        var current = folder
        var outer: [CommandFolder] = []
        var exported: [Word] = []
        let commands = parts.compactMap { part, separator -> CommandWords? in
            var words = Array(part)
            while let first = words.first, first.isSpecial, first.text.hasPrefix("(") {
                outer.append(current)
                words[0] = first.without(first: 1)
                if words[0].text.isEmpty { words.removeFirst() }
            }
            var closed: CommandFolder?
            while let last = words.last, last.isSpecial, last.text.hasSuffix(")"),
                let before = outer.popLast()
            {
                closed = before
                words[words.count - 1] = last.without(last: 1)
                if last.text.utf8.count == 1 { words.removeLast() }
            }
            defer { current = closed ?? current }
            if words.first?.text == "export" {
                exported += words.dropFirst().filter { $0.text.contains("=") }
                return nil
            }
            guard ["cd", "pushd"].contains(words.first?.text) else {
                let waits = ["&&", "||", ";"].contains(separator)
                return words.isEmpty
                    ? nil : CommandWords(words: words, in: current, isFollowed: waits)
            }
            let path = words.dropFirst().first { !$0.text.hasPrefix("-") }?.text
            current = path.map { current.selecting(.folder($0)) } ?? .unknown
            return nil
        }
        return exported.isEmpty ? commands : Self.setting(exported, for: commands)
    }

    /// `export PORT=3000 && next dev` is `PORT=3000 next dev`.
    private static func setting(
        _ exported: [Word],
        for commands: [CommandWords],
    ) -> [CommandWords] {
        let readers = commands.indices.filter {
            commands[$0].isServer || commands[$0].packageScript != nil
        }
        var result = commands
        for index in readers.isEmpty ? Array(commands.indices.suffix(1)) : readers {
            result[index].words.insert(contentsOf: exported, at: 0)
        }
        return result
    }

    /// The variables that it sets on Windows only: `set PORT=3000`.
    fileprivate var setOnWindows: String? {
        guard words.first?.text == "set", words.count > 1 else { return nil }
        let name = words[1].text.split(separator: "=", omittingEmptySubsequences: false)
        return name.count > 1 && PortLabels.isPortVariable(String(name[0])) ? words[1].text : nil
    }

    /// The words up to each separator, with that.
    private var parts: [(words: ArraySlice<Word>, separator: String?)] {
        var parts: [(words: ArraySlice<Word>, separator: String?)] = []
        var start = words.startIndex
        for index in words.indices where words[index].isSeparator {
            parts.append((words[start..<index], words[index].text))
            start = index + 1
        }
        parts.append((words[start...], nil))
        return parts
    }

    /// The commands that a runner such as `concurrently`, or a shell, is given as texts.
    fileprivate var inner: [CommandWords] {
        if case .shell(let index) = target { return [CommandWords(text: words[index])] }
        guard runs(Self.runners) else { return [] }
        return words.filter { $0.text.contains(" ") }.map { CommandWords(text: $0) }
    }

    private init(text word: Word) {
        self.init(ConfigurationValue(.string(word.text), at: word.value.origin))
    }

    /// Without the commands that it is given as texts.
    fileprivate var outer: CommandWords {
        var own = self
        if case .shell(let index) = target {
            own.words.remove(at: index)
        } else if runs(Self.runners) {
            own.words.removeAll { $0.text.contains(" ") }
        }
        return own
    }

    /// The words such as `PORT=3000` before the program.
    private var assignedWords: [Word] {
        guard case .script(_, let index) = target else { return [] }
        return words[..<index].filter { !$0.text.hasPrefix("-") && $0.text.contains("=") }
    }

    private static let runners: Set<String> = [
        "concurrently", "conc", "npm-run-all", "run-p", "run-s", "nodemon", "cross-env-shell",
        "stmux", "mprocs", "wireit",
    ]

    /// A script that a command runs.
    fileprivate struct ScriptCall {
        var name: String
        var folder: CommandFolder
        /// What the command line adds to it.
        var extra: [Word] = []
        /// Whether it must be there, and isn't a program of the project instead.
        var isCertain = false
        var isFollowed = false
    }

    /// The scripts of package.json that it runs.
    fileprivate var scriptCalls: [ScriptCall] {
        let texts = words.map(\.text)
        let calls = { (patterns: [String]) in
            patterns.prefix(100).flatMap(folder.scripts(matching:)).map {
                ScriptCall(name: $0, folder: folder)
            }
        }
        if runs(["run-p", "run-s", "npm-run-all"]) {
            let isParallel =
                runs(["run-p"]) || texts.contains { ["-p", "--parallel"].contains($0) }
            var all = calls(texts.dropFirst().filter { !$0.hasPrefix("-") })
            for index in all.indices.dropLast() { all[index].isFollowed = !isParallel }
            return all
        }
        let managers = ["npm:", "pnpm:", "yarn:", "bun:", "node:"]
        if runs(["concurrently", "conc"]) {
            return calls(
                texts.compactMap { text in
                    managers.first(where: text.hasPrefix).map { String(text.dropFirst($0.count)) }
                }
            )
        }
        guard case .script(let manager, let index) = target else { return [] }
        let package = CommandTarget.package(of: texts)
        var rest = words[(index + 1)...]
        // npm keeps what stands before `--` where it selects the package there.
        if manager == .npm, CommandTarget.package(of: Array(texts[...index])) != package {
            rest = rest.drop { $0.text != "--" }
        }
        return [
            ScriptCall(
                name: texts[index],
                folder: folder.selecting(package),
                extra: rest.filter { $0.text != "--" },
                isCertain: package != .several
                    && (manager == .npm || texts[..<index].contains("run")),
            )
        ]
    }

    /// The words of a script that it runs: `PORT=3000 npm run dev` sets it for the script.
    fileprivate func words(of script: ConfigurationValue, _ call: ScriptCall) -> CommandWords {
        CommandWords(words: assignedWords + CommandWords(script).words + call.extra)
    }

    fileprivate func moved(to folder: CommandFolder, isFollowed: Bool) -> CommandWords {
        CommandWords(words: words, in: folder, isFollowed: isFollowed)
    }
}

extension CommandWords.Word {
    fileprivate func without(first: Int = 0, last: Int = 0) -> CommandWords.Word {
        var word = self
        word.text = String(text.dropFirst(first).dropLast(last))
        word.range =
            min(
                range.lowerBound + first,
                range.upperBound,
            )..<max(
                range.lowerBound + first,
                range.upperBound - last,
            )
        word.isSpecial = word.text.contains { "<>()#`".contains($0) }
        return word
    }
}

/// All commands that a line runs, through scripts, runners and shells.
struct CommandExpansion {
    private static let maximumDepth = 8
    /// The most scripts that one command may run.
    private static let maximumCalls = 200

    private(set) var commands: [CommandWords] = []
    /// What couldn't be followed.
    private(set) var problems: [Unresolved] = []
    private var seen: Set<[String?]> = []

    init(_ line: CommandWords, in folder: CommandFolder) {
        add(line, in: folder, open: [], isFollowed: false)
    }

    /// `open` are the scripts that led here.
    private mutating func add(
        _ line: CommandWords,
        in folder: CommandFolder,
        open: [[String?]],
        isFollowed: Bool,
    ) {
        for command in line.simpleCommands(in: folder) {
            let isFollowed = isFollowed || command.isFollowed
            guard open.count < Self.maximumDepth else {
                commands.append(command)
                continue
            }
            if let variable = command.setOnWindows {
                report("\"set \(variable)\" sets the port on Windows only", at: command)
                continue
            }
            var scripts: [(call: CommandWords.ScriptCall, words: CommandWords, key: [String?])] = []
            for call in command.scriptCalls.prefix(Self.maximumCalls) {
                let key = [call.folder.path, call.name]
                if open.contains(key) {
                    report("the script \"\(call.name)\" runs itself", at: command)
                } else if let text = call.folder.script(call.name) {
                    guard seen.insert(key).inserted else { continue }
                    scripts.append((call, command.words(of: text, call), key))
                } else if call.isCertain, folder.path != nil, call.folder.path != folder.path,
                    let reason = call.folder.reason(forMissing: call.name)
                {
                    report("what \"\(call.name)\" starts isn't known: \(reason)", at: command)
                }
            }
            let isReplaced = command.packageScript != nil && !scripts.isEmpty
            if !isReplaced {
                let package = CommandTarget.package(of: command.words.map(\.text))
                let place = command.folder.selecting(package)
                commands.append(command.outer.moved(to: place, isFollowed: isFollowed))
            }
            for inner in command.inner {
                add(inner, in: command.folder, open: open + [[nil]], isFollowed: isFollowed)
            }
            for (call, words, key) in scripts {
                add(
                    words,
                    in: call.folder,
                    open: open + [key],
                    isFollowed: isFollowed || call.isFollowed,
                )
            }
        }
    }

    private mutating func report(_ reason: String, at command: CommandWords) {
        guard let origin = command.words.first?.value.origin else { return }
        problems.append(Unresolved(origin, reason))
    }
}
