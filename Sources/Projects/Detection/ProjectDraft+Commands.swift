import PortlessCore

/// The ports in command lines.
extension ProjectDraft {
    /// Records where the commands of one line listen.
    ///
    /// `folder` is where the line runs, and `variables` are known ones of the environment; `rule` is the kind of the line, such as
    /// `Procfile`, which goes before the name of the flag; `otherwise` is the default label, and
    /// `onlyCertain` leaves out ports that `PORT` may override.
    mutating func addPorts(
        of line: ConfigurationValue,
        rule: String,
        in folder: CommandFolder = .unknown,
        variables: [String: ConfigurationValue] = [:],
        otherwise: String = "api",
        onlyCertain: Bool = false,
        to draft: inout ProcessDraft,
    ) {
        // Each of several commands on one line has its own port.
        var taken: Set<String> = []
        let expansion = CommandExpansion(CommandWords(line), in: folder)
        report(expansion.problems)
        let sharing = SharedPort.servers(of: expansion.commands)
        if sharing.count > 1 {
            let list = sharing.joined(separator: ", ")
            report(Unresolved(line.origin, "\(sharing.count) servers read PORT here: \(list)"))
        }
        draft.enter(expansion.commands)
        let servers = expansion.commands.filter { $0.isServer && !$0.isFollowed }
        if !servers.isEmpty { draft.serves = true }
        if servers.count > 1, draft.folders.count < 2 {
            draft.showsPagesWithoutPort = servers.contains { server in
                server.kind == .pages && server.listening.allSatisfy(\.isDebugger)
            }
        }
        for words in expansion.commands {
            if words.runs(["vite"]) { draft.usesVite = true }
            if let use = ToolConfiguration.Use(words), !draft.has(use) { draft.tools.append(use) }
            let isKnown = words.isKnownServer && words.kind == .other
            let main = PortLabels.main(
                ofProcess: draft.name,
                running: words.kind,
                otherwise: isKnown ? "api" : otherwise,
            )
            var own: Set<String> = []
            var certain: Set<Port> = []
            let others = words.words.compactMap { $0.text.split(separator: "=").first }
            for flag in words.listening where flag.isCertain || !onlyCertain {
                let flag = flag.filled(from: variables)
                if let name = Dependencies.name(
                    ofVariable: flag.name,
                    inProcess: draft.name,
                    beside: Set(others.map(String.init)),
                ) {
                    if case .port(let port) = flag.reading {
                        addDependency(name, port, at: flag.value.origin)
                    }
                    continue
                }
                var label = flag.isPORT ? main : PortLabels.label(of: flag.name)
                if flag.isDebugger { label = "debug" }
                let numbered = "port\(flag.value.text ?? "")"
                if case .port(let port) = flag.reading, flag.isCertain {
                    // `-b :8000 -b :8001`
                    if !certain.isEmpty, !certain.contains(port) { label = numbered }
                    certain.insert(port)
                }
                if flag.isPORT, taken.contains(label), !draft.has(flag.reading.port, as: label) {
                    label = numbered
                }
                own.insert(label)
                add(
                    flag.value,
                    named: flag.name,
                    label: label,
                    rule: "\(rule) \(flag.name)",
                    to: &draft,
                )
            }
            taken.formUnion(own)
        }
    }
}

extension ProcessDraft {
    /// Notes where the servers among the commands run; the first line decides.
    fileprivate mutating func enter(_ commands: [CommandWords]) {
        guard folders.isEmpty else { return }
        let servers = commands.filter(\.isServer)
        for command in servers.isEmpty ? commands.suffix(1) : servers[...] {
            guard let path = command.folder.path, !folders.contains(path) else { continue }
            folders.append(path)
        }
        if folders.count == 1 { directory = folders[0] }
    }

    fileprivate func has(_ use: ToolConfiguration.Use) -> Bool {
        tools.contains { $0.folder == use.folder && $0.tool.rule == use.tool.rule }
    }

    fileprivate func has(_ port: Port?, as label: String) -> Bool {
        ports.contains { $0.label == label && $0.port == port }
    }
}

extension PortReading {
    fileprivate var port: Port? {
        if case .port(let port) = self { port } else { nil }
    }
}

extension CommandWords {
    /// Whether the server is in one of the tables.
    fileprivate var isKnownServer: Bool {
        guard case .program(let name, _) = target else { return false }
        return Framework.known(name) != nil
    }

    /// The kind of the program, for the label of its port.
    var kind: PortLabels.Program {
        if let storeLabel { return .store(storeLabel) }
        return showsPages ? .pages : .other
    }

    /// The kind of a line's commands: pages take precedence, because people open those.
    static func kind(of lines: [ConfigurationValue]) -> PortLabels.Program {
        let kinds = lines.flatMap { CommandWords($0).commands().map(\.kind) }
        return kinds.first { $0 == .pages } ?? kinds.first { $0 != .other } ?? .other
    }
}
