import PortlessCore

/// The ports that a simple command is given on its command line.
extension CommandWords {
    /// A port given on a command line, or why it isn't known.
    struct PortFlag {
        /// `--port`, `-b` or the variable of `PORT=3000 node server.js`.
        var name: String
        var reading: PortReading
        /// The value with its location.
        var value: ConfigurationValue
        /// Whether the program certainly listens there, regardless of `PORT`.
        var isCertain = false

        /// The name of a value without a flag.
        static let argument = "argument"

        /// Whether it takes the place of the command's `PORT`.
        var isPORT: Bool { name.hasPrefix("-") || name == "PORT" || name == Self.argument }
        /// With the variable that the command line asks for, where that holds a port.
        func filled(from variables: [String: ConfigurationValue]) -> PortFlag {
            guard let variable = value.overriddenBy, let known = variables[variable],
                case .port = PortReading(known, named: name)
            else { return self }
            var flag = self
            flag.value = known
            flag.reading = PortReading(known, named: name)
            return flag
        }

        /// Whether it is for a debugger.
        var isDebugger: Bool { CommandWords.debuggers.contains(name) }
    }

    /// All ports, the effective one first: a flag beats `PORT` where the program is known to prefer
    /// it.
    var listening: [PortFlag] {
        let flags = portFlags
        guard !isWorker else { return flags.filter(\.isDebugger) }
        return flags.filter(\.isCertain) + assignments + flags.filter { !$0.isCertain }
    }

    /// Whether the command line sets the port by other means than `PORT`.
    var isToldWhereToListen: Bool {
        portFlags.contains { flag in
            if case .port = flag.reading { !flag.isDebugger } else { false }
        } && storeLabel == nil
    }

    /// The label of a command that runs a database, broker or cache; nil for others.
    var storeLabel: String? {
        guard case .program(let name, _) = target else { return nil }
        return Dependencies.servers[name]
    }

    /// Whether it runs a worker, which listens nowhere, whatever its `PORT` is for.
    private var isWorker: Bool {
        guard case .program(let name, let index) = target else { return false }
        let arguments = words[(index + 1)...].map(\.text)
        if ["rails", "rake"].contains(name) {
            return arguments.contains(where: Self.workerTasks.contains)
        }
        // Celery's and rq's dashboards do listen.
        return Self.workers.contains(name) && !arguments.contains("flower")
    }

    private static let workers: Set = [
        "sidekiq", "sidekiqswarm", "celery", "rq", "rqworker", "good_job", "solid_queue", "resque",
        "resque-pool", "delayed_job", "shoryuken", "sneakers", "karafka", "faktory_worker",
        "dramatiq", "huey_consumer", "huey_consumer.py", "arq",
    ]
    private static let workerTasks: Set = [
        "jobs:work", "resque:work", "resque:workers", "resque:scheduler", "solid_queue:start",
        "good_job:start", "sneakers:run",
    ]

    /// Whether the command listens on the `PORT` of a `.env` file.
    ///
    /// Next and others read the file too late, or only for other variables; servers that need their
    /// port on the command line ignore `PORT`.
    func readsPORT(loadingDotenv isLoadedAnyway: Bool = false) -> Bool {
        guard case .program(let name, _) = target, Framework.known(name) != nil else {
            return true
        }
        let isLoaded =
            isLoadedAnyway
            || words.contains { word in
                ["dotenv", "dotenvx", "env-cmd"].contains(ProjectPath.name(of: word.text))
                    || word.text.hasPrefix("--env-file")
            }
        let readsPORT = Framework.named(name) == nil || ["gunicorn"].contains(name)
        return Self.loadingDotenv.contains(name) || readsPORT && isLoaded
    }

    /// The servers that load the file themselves, before they look for `PORT`.
    private static let loadingDotenv: Set = [
        "nuxt", "nuxi", "remix", "rails", "puma", "vue-cli-service", "nest", "vinxi",
    ]

    /// `PORT=3000` and the like in front of a command.
    var assignments: [PortFlag] {
        words.compactMap { word in
            guard let equals = word.text.firstIndex(of: "=") else { return nil }
            let name = String(word.text[..<equals])
            guard PortLabels.isPortVariable(name) else { return nil }
            return flag(name, Given(word: word, offset: name.utf8.count + 1))
        }
    }

    private static let debuggers: Set = ["--inspect", "--inspect-brk", "--inspect-wait"]

    // MARK: Flags

    /// The flags and arguments that give a port.
    private var portFlags: [PortFlag] {
        let debugger = Self.debuggers.flatMap { name in
            given(name, in: words[...]).compactMap { address($0, named: name) }
        }
        guard case .program(let name, let index) = target else {
            return debugger + commonFlags(words[...])
        }
        guard !Self.clients.contains(name) else { return debugger }
        let arguments = words[(index + 1)...].prefix { $0.text != "--" || name == "npm" }
        guard let framework = Framework.known(name) else {
            return debugger + commonFlags(words[...]) + ownFlags(arguments)
        }
        guard framework.serves(with: arguments.map(\.text)) else { return debugger }
        let certain = framework.options.flatMap { flags(of: $0, in: arguments) }.map { flag in
            var flag = flag
            flag.isCertain = true
            return flag
        }
        return debugger + certain + (certain.isEmpty ? commonFlags(arguments) : [])
    }

    /// Programs whose port flags mean another program's port, or something else.
    private static let clients: Set<String> = [
        "ssh", "autossh", "sshpass", "scp", "sftp", "psql", "pg_isready", "pg_dump", "pgcli",
        "mysql", "mysqladmin", "mysqldump", "mariadb", "mongo", "mongosh", "redis-cli", "curl",
        "wget", "nc", "ncat", "telnet", "wait-on", "wait-port", "wait-for-it", "dockerize",
        "kill-port", "ngrok", "lt", "localtunnel", "cloudflared", "stripe", "kubectl", "docker",
        "docker-compose", "playwright", "cypress", "vitest", "jest", "mocha", "ava", "eslint",
        "tsc", "open-cli", "chromium", "google-chrome", "adb",
    ]

    /// Flags that always mean a port.
    private func commonFlags(_ arguments: ArraySlice<Word>) -> [PortFlag] {
        let ports = [
            "--port", "-port", "--server.port", "-Dserver.port", "--http-port",
            "--args=--server.port", "-Dspring-boot.run.arguments=--server.port",
        ]
        let addresses = [
            "--listen", "--bind", "--urls", "--addr", "-addr", "--http.addr", "--http-addr",
        ]
        return ports.flatMap { name in
            given(name, in: arguments).compactMap { port($0, named: name) }
        }
            + addresses.flatMap { name in
                given(name, in: arguments).compactMap { address($0, named: name) }
            }
    }

    /// `node server.js -p 3000`: flags after a project's script are for the script, and few scripts
    /// mean anything else by them.
    private func ownFlags(_ arguments: ArraySlice<Word>) -> [PortFlag] {
        let endings = [".js", ".mjs", ".cjs", ".ts", ".py", ".rb", ".php", ".jar", ".pl", ".exs"]
        let isOwn = { (word: Word) in
            word.text.hasPrefix("./") || endings.contains(where: word.text.hasSuffix)
        }
        guard let script = words.firstIndex(where: isOwn) else { return [] }
        let rest = words[max(script + 1, arguments.startIndex)...]
        return given("-p", in: rest).compactMap { given in
            let text = given.text
            guard Port(text).map({ $0 >= 1024 }) ?? text.contains("PORT") else { return nil }
            return port(given, named: "-p")
        }
    }

    private func flags(of option: ServerOption, in arguments: ArraySlice<Word>) -> [PortFlag] {
        guard option.value == .port || option.value == .address else { return [] }
        guard let flag = option.flag else {
            var isFlagsValue = false
            let value = arguments.first { word in
                defer { isFlagsValue = option.flagsWithValues.contains(word.text) }
                guard !isFlagsValue, !word.text.hasPrefix("-") else { return false }
                return word.text.first?.isNumber == true || word.text.contains(":")
            }
            return value.flatMap { address(Given(word: $0, offset: 0), named: PortFlag.argument) }
                .map { [$0] } ?? []
        }
        let names = [flag] + option.alternatives.filter { !Self.noPorts.contains($0) }
        return names.flatMap { name in
            given(name, in: arguments).compactMap { given in
                option.value == .address ? address(given, named: name) : port(given, named: name)
            }
        }
    }

    /// Flags that make a port pointless.
    private static let noPorts: Set = ["--uds", "--fd", "-u", "-e"]

    // MARK: Values

    /// A flag's value: the rest of the flag's own word, or the next word.
    private struct Given {
        var word: Word
        /// The value's offset in the word's text.
        var offset: Int

        var text: String {
            String(decoding: Array(word.text.utf8.dropFirst(offset)), as: UTF8.self)
        }
    }

    /// The values of a flag: `--port N`, `--port=N`, `-p N`, `-pN`.
    private func given(_ name: String, in arguments: ArraySlice<Word>) -> [Given] {
        let isShort = name.utf8.count == 2 && name.hasPrefix("-")
        return arguments.indices.compactMap { index -> Given? in
            let word = arguments[index]
            if word.text == name {
                let next = arguments.index(after: index)
                guard next < arguments.endIndex, !arguments[next].text.hasPrefix("-") else {
                    return nil
                }
                return Given(word: arguments[next], offset: 0)
            }
            if word.text.hasPrefix(name + "=") {
                return Given(word: word, offset: name.utf8.count + 1)
            }
            guard isShort, word.text.hasPrefix(name),
                word.text.dropFirst(2).first.map({ $0.isNumber || $0 == ":" }) == true
            else { return nil }
            return Given(word: word, offset: 2)
        }
    }

    /// Nil for `$PORT`, which the command gets in any case.
    private func port(_ given: Given, named name: String) -> PortFlag? {
        ["$PORT", "${PORT}"].contains(given.text) ? nil : flag(name, given)
    }

    /// The port of `host:port`, `:port`, `tcp://host:port` or a bare number; nil without any.
    private func address(_ given: Given, named name: String) -> PortFlag? {
        let text = given.text
        if text.contains("$") {
            guard !text.hasSuffix("$PORT"), !text.hasSuffix("${PORT}") else { return nil }
            let value = ShellVariables.expanded(text, as: given.word.value)
            if value.problem != nil {
                return PortFlag(
                    name: name,
                    reading: PortReading(value, named: name),
                    value: value,
                )
            }
            guard let expanded = value.text, let range = Self.portRange(in: expanded) else {
                return nil
            }
            var port = value
            port.kind = .string(String(expanded[range]))
            return PortFlag(name: name, reading: PortReading(port, named: name), value: port)
        }
        guard let range = Self.portRange(in: text) else {
            return text.contains(ConfigurationValue.unknownPart) ? flag(name, given) : nil
        }
        let start = text.utf8.distance(from: text.startIndex, to: range.lowerBound)
        return flag(
            name,
            Given(word: given.word, offset: given.offset + start),
            length: text[range].utf8.count,
        )
    }

    private static func portRange(in text: String) -> Range<String.Index>? {
        var start = text.startIndex
        if let scheme = text.firstRange(of: "://") { start = scheme.upperBound }
        let end = text[start...].firstIndex { "/?;,".contains($0) } ?? text.endIndex
        if let colon = text[start..<end].lastIndex(of: ":") { start = text.index(after: colon) }
        let isNumber = text[start..<end].utf8.allSatisfy { (0x30...0x39).contains($0) }
        return start < end && isNumber ? start..<end : nil
    }

    private func flag(_ name: String, _ given: Given, length: Int? = nil) -> PortFlag {
        let word = given.word
        let bytes = word.text.utf8.dropFirst(given.offset)
        let text = String(decoding: Array(bytes.prefix(length ?? bytes.count)), as: UTF8.self)
        let start = word.range.lowerBound + given.offset
        let range = start..<(length.map { start + $0 } ?? word.range.upperBound)
        let piece = word.value.pieces.first { $0.range == range }
        var value = piece?.value ?? ConfigurationValue(.string(text), at: word.value.origin)
        if text.contains(ConfigurationValue.unknownPart) {
            value = word.value
        } else if piece == nil {
            value.comment = word.value.comment
            if case .number = word.value.kind { value = word.value }
            value = ShellVariables.expanded(text, as: value)
        }
        return PortFlag(name: name, reading: PortReading(value, named: name), value: value)
    }
}
