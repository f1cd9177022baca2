import PortlessCore

/// Reads `.env` files: `KEY=value` lines, as dotenv does.
enum DotenvFile {
    struct Entry {
        var name: String
        var value: String
        /// The range is the value's, without quotes.
        var location: SourceLocation
        var comment: String?
        /// The quotes around the value, if any.
        var quote: UInt8?
    }

    static func entries(of source: SourceText) -> [Entry] {
        var entries: [Entry] = []
        var pendingComment: String?
        var isOurs = false
        for (number, range) in source.lines {
            let text = source.string(range).trimmingBlanks
            // What Portless tells other programs there declares nothing.
            if text == DotenvBlock.begin { isOurs = true }
            if text == DotenvBlock.end { isOurs = false }
            guard !isOurs else { continue }
            if text.hasPrefix("#") {
                pendingComment = String(text.drop { $0 == "#" }).trimmingBlanks
                continue
            }
            if var entry = entry(in: range, line: number, of: source) {
                if entry.comment == nil, let comment = pendingComment, !comment.contains("="),
                    !SourceComment.isForTools(comment)
                {
                    entry.comment = comment.isEmpty ? nil : comment
                }
                entries.append(entry)
            }
            pendingComment = nil
        }
        return entries
    }

    private static func entry(in range: Range<Int>, line: Int, of source: SourceText) -> Entry? {
        let bytes = source.bytes
        func skipBlanks(_ offset: Int) -> Int {
            var offset = offset
            while offset < range.upperBound, bytes[offset] == 0x20 || bytes[offset] == 0x09 {
                offset += 1
            }
            return offset
        }
        var start = skipBlanks(range.lowerBound)
        if start == 0, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { start = 3 }
        if source.string(start..<min(start + 7, range.upperBound)) == "export " {
            start = skipBlanks(start + 7)
        }
        guard
            let equals = bytes[start..<range.upperBound].firstIndex(of: UInt8(ascii: "="))
        else { return nil }
        let name = source.string(start..<equals).trimmingBlanks
        guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || "_.-".contains($0) })
        else { return nil }
        var valueStart = skipBlanks(equals + 1)
        var valueEnd = range.upperBound
        var end = range.upperBound
        var quote: UInt8?
        if valueStart < valueEnd, [0x22, 0x27, 0x60].contains(bytes[valueStart]) {
            let mark = bytes[valueStart]
            if let close = bytes[(valueStart + 1)..<valueEnd].firstIndex(of: mark) {
                quote = mark
                valueStart += 1
                valueEnd = close
                end = close + 1
            }
        } else if let hash = bytes[valueStart..<valueEnd].firstIndex(of: UInt8(ascii: "#")) {
            valueEnd = hash
            end = hash
        }
        while valueEnd > valueStart, bytes[valueEnd - 1] == 0x20 || bytes[valueEnd - 1] == 0x09 {
            valueEnd -= 1
        }
        let rest = source.string(end..<range.upperBound).trimmingBlanks
        let comment = rest.hasPrefix("#") ? rest.drop { $0 == "#" }.trimmingBlanks : ""
        return Entry(
            name: name,
            value: source.string(valueStart..<valueEnd),
            location: SourceLocation(file: source.file, line: line, range: valueStart..<valueEnd),
            comment: comment.isEmpty ? nil : comment,
            quote: quote,
        )
    }
}

extension DotenvFile {
    /// The variables that foreman and overmind add to every program of a Procfile: those of `.env`,
    /// except `PORT`, of which each program has its own, and variables that are set already.
    static func environment(
        of reader: ProjectReader,
        beside known: [String: String],
    ) -> [String: String] {
        variables(in: "", of: reader).compactMapValues(\.text).filter { name, _ in
            name != "PORT" && known[name] == nil
        }
    }

    /// The variables of a directory's `.env`, for what reads that file alone.
    static func variables(
        in directory: String,
        of reader: ProjectReader,
    ) -> [String: ConfigurationValue] {
        let file = ProjectPath.join(directory, ".env")
        guard let source = try? reader.source(file) else { return [:] }
        var variables: [String: ConfigurationValue] = [:]
        for entry in entries(of: source) {
            var value = ConfigurationValue(.string(entry.value), at: entry.location)
            if entry.quote != UInt8(ascii: "'") {
                let expanded = ShellVariables.expanded(
                    entry.value,
                    as: value,
                    variables: variables,
                    budget: reader.budget,
                )
                if expanded.problem == nil { value = expanded }
            }
            if entry.quote == UInt8(ascii: "\""), let text = value.string {
                value.kind = .string(text.replacing("\\n", with: "\n"))
            }
            variables[entry.name] = value
        }
        return variables
    }
}

/// Reads the ports in the `.env` files of one directory.
struct DotenvPorts {
    /// The files, the one that takes precedence first.
    static let names = [
        ".env.development.local", ".env.local", ".env.development", ".env", ".flaskenv",
    ]
    /// The files in Vite's order, where the mode beats `.local`.
    private static let namesOfVite = [
        ".env.development.local", ".env.development", ".env.local", ".env",
    ]

    let directory: String
    let reader: ProjectReader
    /// The label of plain `PORT`.
    let labelOfPort: String
    /// Whether the program reads `PORT` from these files.
    var readsPORT = true
    /// Whether variables other than `PORT` count.
    var readsOthers = true
    /// Variables that are for another program.
    var ignored: Set<String> = []

    func read(into draft: inout ProcessDraft, _ project: inout ProjectDraft) {
        for name in draft.usesVite ? Self.namesOfVite : Self.names {
            let file = ProjectPath.join(directory, name)
            guard let source = reader.source(file, reportingTo: &project) else {
                continue
            }
            let budget = reader.evaluator.budget
            var variables: [String: ConfigurationValue] = [:]
            let entries = DotenvFile.entries(of: source)
            let names = Set(entries.map(\.name))
            var values: [(DotenvFile.Entry, ConfigurationValue)] = []
            for entry in entries {
                guard budget.spend() else {
                    project.report(Unresolved(entry.location, OverBudget.work))
                    break
                }
                var value = ConfigurationValue(.string(entry.value), at: entry.location)
                value.comment = entry.comment
                value = ShellVariables.expanded(
                    entry.value,
                    as: value,
                    variables: variables,
                    budget: budget,
                )
                variables[entry.name] = value
                guard entry.name == "PORT" ? readsPORT : readsOthers,
                    !ignored.contains(entry.name)
                else { continue }
                values.append((entry, value))
            }
            // PORT comes first, so that it gets its label before other variables.
            let ordered = values.enumerated().sorted {
                (Self.rank($0.element.0.name), $0.offset)
                    < (Self.rank($1.element.0.name), $1.offset)
            }
            for (entry, value) in ordered.map(\.element) {
                read(entry, as: value, file: name, beside: names, into: &draft, &project)
            }
        }
    }

    /// The lower, the likelier it is the program's main port.
    private static func rank(_ variable: String) -> Int {
        switch variable {
        case "PORT": 0
        case "SERVER_PORT", "APP_PORT", "HTTP_PORT": 1
        default: 2
        }
    }

    private func read(
        _ entry: DotenvFile.Entry,
        as value: ConfigurationValue,
        file: String,
        beside names: Set<String>,
        into draft: inout ProcessDraft,
        _ project: inout ProjectDraft,
    ) {
        if let name = Dependencies.name(
            ofVariable: entry.name,
            inProcess: draft.name,
            beside: names,
        ) {
            switch PortReading(value, named: entry.name) {
            case .port(let port): project.addDependency(name, port, at: entry.location)
            case .problem(let problem): project.report(problem)
            }
            return
        }
        if entry.name == "CLIENT_URL", !draft.has("ui"), let port = Self.localPort(entry.value) {
            project.add(
                PortSource(
                    label: "ui",
                    port: port,
                    location: entry.location,
                    rule: "\(file) CLIENT_URL",
                    description: entry.comment,
                ),
                to: &draft,
            )
        }
        guard PortLabels.isPortVariable(entry.name), !entry.value.isEmpty else { return }
        let label: String =
            switch entry.name {
            case "PORT", "FLASK_RUN_PORT": labelOfPort
            case "VITE_PORT": "ui"
            default: PortLabels.label(of: entry.name)
            }
        if entry.name == "VITE_PORT" { draft.usesVite = true }
        project.add(
            value,
            named: entry.name,
            label: label,
            rule: "\(file) \(entry.name)",
            to: &draft,
        )
    }

    /// The port of `http://localhost:5173`; nil for other hosts.
    private static func localPort(_ url: String) -> Port? {
        guard let scheme = url.firstRange(of: "://") else { return nil }
        let authority = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
        guard let colon = authority.lastIndex(of: ":") else { return nil }
        let host = authority[..<colon]
        guard ["localhost", "127.0.0.1", "[::1]"].contains(String(host)) else { return nil }
        return Port(authority[authority.index(after: colon)...])
    }
}
