import PortlessCore

/// Reads `.env` files: `KEY=value` lines, as dotenv does.
enum DotenvFile {
    struct Entry {
        var name: String
        var value: String
        /// The range is the value's, without quotes.
        var location: SourceLocation
        var comment: String?
    }

    static func entries(of source: SourceText) -> [Entry] {
        var entries: [Entry] = []
        var pendingComment: String?
        for (number, range) in source.lines {
            let text = source.string(range).trimmingBlanks
            if text.hasPrefix("#") {
                pendingComment = String(text.drop { $0 == "#" }).trimmingBlanks
                continue
            }
            if var entry = entry(in: range, line: number, of: source) {
                if entry.comment == nil, let comment = pendingComment, !comment.contains("=") {
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
        if valueStart < valueEnd, [0x22, 0x27, 0x60].contains(bytes[valueStart]) {
            let quote = bytes[valueStart]
            if let close = bytes[(valueStart + 1)..<valueEnd].firstIndex(of: quote) {
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
        )
    }
}

/// Reads the ports in the `.env` files of one directory.
struct DotenvPorts {
    /// The file that weighs most comes first.
    static let names = [".env.development.local", ".env.local", ".env.development", ".env"]

    let directory: String
    let reader: ProjectReader
    /// What plain `PORT` is there.
    let labelOfPort: String
    /// Whether anything but `PORT` counts.
    var readsOthers = true

    func read(into draft: inout ProcessDraft, _ project: inout ProjectDraft) {
        for name in Self.names {
            let file = ProjectPath.join(directory, name)
            guard let source = reader.source(file, reportingTo: &project) else {
                continue
            }
            let budget = reader.evaluator.budget
            var variables: [String: ConfigurationValue] = [:]
            for entry in DotenvFile.entries(of: source) {
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
                guard readsOthers || entry.name == "PORT" else { continue }
                read(entry, value, file: name, into: &draft, &project)
            }
        }
    }

    private func read(
        _ entry: DotenvFile.Entry,
        _ value: ConfigurationValue,
        file: String,
        into draft: inout ProcessDraft,
        _ project: inout ProjectDraft,
    ) {
        if let name = Dependencies.name(ofVariable: entry.name, inProcess: draft.name) {
            switch PortReading(value, named: entry.name) {
            case .port(let port): project.addDependency(name, port, entry.location)
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
            case "PORT": labelOfPort
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

    /// The port of `http://localhost:5173`, nothing of other hosts.
    private static func localPort(_ url: String) -> Port? {
        guard let scheme = url.firstRange(of: "://") else { return nil }
        let authority = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
        guard let colon = authority.lastIndex(of: ":") else { return nil }
        let host = authority[..<colon]
        guard ["localhost", "127.0.0.1", "[::1]"].contains(String(host)) else { return nil }
        return Port(authority[authority.index(after: colon)...])
    }
}
