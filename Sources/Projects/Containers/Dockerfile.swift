import HostSystem
import PortlessCore

/// Reads the ports of a Dockerfile: `EXPOSE`, else what the container starts.
enum Dockerfile {
    static func read(
        in directory: String,
        of reader: ProjectReader,
        into draft: inout ProcessDraft,
        _ project: inout ProjectDraft,
    ) {
        let file = ProjectPath.join(directory, "Dockerfile")
        guard let source = reader.source(file, reportingTo: &project) else { return }
        let budget = reader.evaluator.budget
        var variables: [String: ConfigurationValue] = [:]
        /// What the container starts, by instruction, and where the last part of it is.
        var command: [String: String] = [:]
        var place: SourceLocation?
        /// The instruction that the line before continued.
        var continued: String?
        for (number, range) in source.lines {
            guard !budget.isFull else { return }
            guard budget.spend(bytes: range.count) else {
                return project.report(Unresolved(source.overBudget(at: range.lowerBound)))
            }
            let line = source.bytes[range]
            let goesOn = line.last { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D } == 0x5C
            let instruction = continued
            // Comments and blank lines may interrupt instructions.
            let isComment = line.first { $0 != 0x20 && $0 != 0x09 }.map { $0 == 0x23 } ?? true
            if isComment { continue }
            continued = goesOn ? instruction ?? "" : nil
            guard instruction.map({ !$0.isEmpty }) ?? mayDeclare(line) else { continue }
            let location = SourceLocation(file: file, line: number, range: range)
            var words = CommandWords(
                ConfigurationValue(.string(source.string(range)), at: location)
            )
            .words[...]
            let name = instruction ?? words.popFirst()?.text.uppercased()
            if goesOn { continued = name }
            switch name {
            case "ARG": define(words, hasOldForm: false, in: &variables, budget)
            case "ENV": define(words, hasOldForm: instruction == nil, in: &variables, budget)
            case "EXPOSE":
                for word in words where !budget.isFull && budget.spend() {
                    expose(word, variables: variables, budget: budget, into: &draft, &project)
                }
            case "FROM": command = [:]
            case "CMD", "ENTRYPOINT":
                var text = source.string(range).trimmingBlanks
                if instruction == nil { text = String(text.drop { $0 != " " && $0 != "\t" }) }
                if goesOn { text = String(text.trimmingBlanks.dropLast()) }
                let before = instruction == nil ? "" : command[name ?? ""] ?? ""
                command[name ?? ""] = before + text
                place = SourceLocation(file: file, line: number)
            default: break
            }
        }
        let start = place.map { place in
            let texts = ["ENTRYPOINT", "CMD"].compactMap { command[$0]?.trimmingBlanks }
            let line = texts.map(commandLine).joined(separator: " ")
            return ConfigurationValue(.string(line), at: place)
        }
        guard draft.ports.isEmpty else {
            if let start { compare(start, variables, with: draft, budget, &project) }
            return
        }
        // Without EXPOSE, what the container starts shows the port.
        if let start {
            project.addPorts(of: start, rule: "Dockerfile CMD", variables: variables, to: &draft)
        }
        if draft.ports.isEmpty, let port = variables["PORT"] {
            let main = PortLabels.main(ofProcess: draft.name)
            project.add(port, named: "PORT", label: main, rule: "Dockerfile ENV PORT", to: &draft)
        }
    }

    /// Reports a container that listens on another port than its EXPOSE says.
    private static func compare(
        _ start: ConfigurationValue,
        _ variables: [String: ConfigurationValue],
        with draft: ProcessDraft,
        _ budget: ReadingBudget,
        _ project: inout ProjectDraft,
    ) {
        let exposed = draft.sources.filter { $0.rule == "Dockerfile EXPOSE" }.map(\.port)
        guard !exposed.isEmpty else { return }
        var (beside, container) = (ProjectDraft(budget), ProcessDraft(name: "", directory: nil))
        beside.addPorts(of: start, rule: "Dockerfile CMD", variables: variables, to: &container)
        let listening = container.sources.filter { $0.label != "debug" }.map(\.port)
        guard let port = listening.first, Set(listening).isDisjoint(with: exposed) else { return }
        let list = exposed.map(\.description).joined(separator: ", ")
        project.report(
            Unresolved(start.origin, "the container listens on \(port), but EXPOSE says \(list)")
        )
    }

    /// The command line in the text of a CMD or ENTRYPOINT: for a shell, or a list of texts.
    private static func commandLine(_ text: String) -> String {
        guard text.hasPrefix("["), let list = (try? JSONValue(parsing: Array(text.utf8)))?.array
        else { return text }
        return list.compactMap(\.string).map(ShellWords.quotedIfNeeded).joined(separator: " ")
    }

    /// Whether a line may begin with one of the relevant words.
    private static func mayDeclare(_ line: ArraySlice<UInt8>) -> Bool {
        let first = line.first { $0 != 0x20 && $0 != 0x09 } ?? 0
        return "AaCcEeFf\"'".utf8.contains(first)
    }

    /// Reads `NAME=value` words; the old form, `ENV PORT 3000`, has no `=`.
    private static func define(
        _ words: ArraySlice<CommandWords.Word>,
        hasOldForm: Bool,
        in variables: inout [String: ConfigurationValue],
        _ budget: ReadingBudget,
    ) {
        func set(_ name: String, to text: String, in word: CommandWords.Word) {
            let value = ShellVariables.expanded(
                text,
                as: ConfigurationValue(.string(text), at: word.value.origin),
                variables: variables,
                budget: budget,
            )
            variables[name] = value
        }
        if hasOldForm, let first = words.first, !first.text.contains("="),
            let second = words.dropFirst().first
        {
            return set(first.text, to: second.text, in: second)
        }
        for word in words {
            guard let equals = word.text.firstIndex(of: "=") else { continue }
            let value = String(word.text[word.text.index(after: equals)...])
            set(String(word.text[..<equals]), to: value, in: word)
        }
    }

    private static func expose(
        _ word: CommandWords.Word,
        variables: [String: ConfigurationValue],
        budget: ReadingBudget,
        into draft: inout ProcessDraft,
        _ project: inout ProjectDraft,
    ) {
        let parts = word.text.split(separator: "/")
        guard let first = parts.first, parts.dropFirst().first != "udp" else { return }
        var value = ConfigurationValue(.string(String(first)), at: word.value.origin)
        value = ShellVariables.expanded(
            String(first),
            as: value,
            variables: variables,
            budget: budget,
        )
        let bounds = (value.text ?? "").split(separator: "-").map { Port($0) }
        if bounds.count == 2, let low = bounds[0], let high = bounds[1], low <= high {
            for number in low.number...min(high.number, low.number + 99) {
                var single = value
                single.kind = .number(Double(number))
                add(single, to: &draft, &project)
            }
            return
        }
        add(value, to: &draft, &project)
    }

    private static func add(
        _ value: ConfigurationValue,
        to draft: inout ProcessDraft,
        _ project: inout ProjectDraft,
    ) {
        let main = PortLabels.main(
            ofProcess: draft.name,
            running: draft.usesVite ? .pages : .other,
        )
        let text = value.text ?? ""
        let isFurther = draft.has(main)
        let debugger = Port(text).flatMap { PortLabels.debugger($0, isFurther: isFurther) }
        let label = debugger ?? (isFurther ? "port\(text)" : main)
        project.add(value, named: "EXPOSE", label: label, rule: "Dockerfile EXPOSE", to: &draft)
    }
}
