import PortlessCore

/// Reads the `EXPOSE` lines of a Dockerfile.
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
        for (number, range) in source.lines {
            guard !budget.isFull else { return }
            guard budget.spend(bytes: range.count) else {
                return project.report(Unresolved(source.overBudget(at: range.lowerBound)))
            }
            guard mayDeclare(source.bytes[range]) else { continue }
            let location = SourceLocation(file: file, line: number, range: range)
            let words = CommandWords(
                ConfigurationValue(.string(source.string(range)), at: location)
            )
            .words
            switch words.first?.text.uppercased() {
            case "ARG", "ENV": define(words.dropFirst(), &variables)
            case "EXPOSE":
                for word in words.dropFirst() where !budget.isFull && budget.spend() {
                    expose(word, variables, budget, into: &draft, &project)
                }
            default: break
            }
        }
    }

    /// Whether a line may begin with one of the words that are looked for.
    private static func mayDeclare(_ line: ArraySlice<UInt8>) -> Bool {
        let first = line.first { $0 != 0x20 && $0 != 0x09 } ?? 0
        return "AaEe\"'".utf8.contains(first)
    }

    private static func define(
        _ words: ArraySlice<CommandWords.Word>,
        _ variables: inout [String: ConfigurationValue],
    ) {
        var words = words
        // The old form: `ENV PORT 3000`.
        if let first = words.first, !first.text.contains("="), let second = words.dropFirst().first
        {
            variables[first.text] = ConfigurationValue(
                .string(second.text),
                at: second.value.origin,
            )
            return
        }
        while let word = words.popFirst() {
            guard let equals = word.text.firstIndex(of: "=") else { continue }
            let value = String(word.text[word.text.index(after: equals)...])
            let name = String(word.text[..<equals])
            variables[name] = ConfigurationValue(.string(value), at: word.value.origin)
        }
    }

    private static func expose(
        _ word: CommandWords.Word,
        _ variables: [String: ConfigurationValue],
        _ budget: ReadingBudget,
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
        let first = PortLabels.labelOfService(named: draft.name, servesPages: draft.usesVite)
        let label = draft.ports.isEmpty ? first : "port\(value.text ?? "")"
        project.add(value, named: "EXPOSE", label: label, rule: "Dockerfile EXPOSE", to: &draft)
    }
}
