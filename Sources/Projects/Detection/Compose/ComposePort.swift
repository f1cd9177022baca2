import PortlessCore

/// One port that a compose service publishes on the host.
struct ComposePort {
    var port: Port
    var isDatagram: Bool
    /// The entry that it was read from.
    var value: JavaScriptValue

    /// Reads an entry of `ports`: the short form, or the long one with `published`.
    static func ports(
        _ entry: JavaScriptValue,
        _ variables: [String: JavaScriptValue],
        _ budget: ReadingBudget,
        _ findings: inout Findings,
    ) -> [ComposePort] {
        if let long = entry.object {
            guard var published = long["published"] else {
                findings.report(
                    Unresolved(
                        entry.origin,
                        "no \"published\": the host port is chosen when it runs",
                    )
                )
                return []
            }
            if published.comment == nil { published.comment = entry.comment }
            let isDatagram = long["protocol"]?.text == "udp"
            let text = published.text ?? ""
            return range(published, text, isDatagram, variables, budget, &findings)
        }
        guard let text = entry.text else {
            findings.report(
                entry.problem ?? Unresolved(entry.origin, "this is not a port mapping")
            )
            return []
        }
        let (mapping, kind) = split(text)
        let parts = fields(mapping)
        guard parts.count > 1 else {
            findings.report(
                Unresolved(
                    entry.origin,
                    "\"\(text)\" names only the container's port: the host's is chosen when it runs",
                )
            )
            return []
        }
        let published = parts[parts.count - 2]
        return range(entry, published, kind == "udp", variables, budget, &findings)
    }

    private static func split(_ text: String) -> (mapping: String, kind: String) {
        guard let slash = text.lastIndex(of: "/") else { return (text, "tcp") }
        return (String(text[..<slash]), String(text[text.index(after: slash)...]))
    }

    /// The fields between colons, but for those in `${…}` and in a bracketed IPv6 address.
    private static func fields(_ text: String) -> [String] {
        var fields = [""]
        var nesting = 0
        for character in text {
            if character == "{" || character == "[" { nesting += 1 }
            if character == "}" || character == "]" { nesting -= 1 }
            if character == ":", nesting == 0 {
                fields.append("")
            } else {
                fields[fields.count - 1].append(character)
            }
        }
        return fields
    }

    private static func range(
        _ entry: JavaScriptValue,
        _ written: String,
        _ isDatagram: Bool,
        _ variables: [String: JavaScriptValue],
        _ budget: ReadingBudget,
        _ findings: inout Findings,
    ) -> [ComposePort] {
        var value = entry
        value.kind = .string(written)
        let expanded = ShellVariables.expanded(
            written,
            as: value,
            variables: variables,
            budget: budget,
        )
        let text = expanded.text ?? ""
        let bounds = text.split(separator: "-").map { Port($0) }
        if bounds.count == 2, let low = bounds[0], let high = bounds[1], low <= high {
            let count = budget.isFull ? 1 : min(high.number - low.number + 1, 1000)
            guard budget.spend(4 * count) else {
                findings.report(Unresolved(value.origin, OverBudget.work))
                return []
            }
            return (low.number..<low.number + count).compactMap { number in
                Port(number).map { ComposePort(port: $0, isDatagram: isDatagram, value: expanded) }
            }
        }
        switch PortReading(expanded, named: "ports") {
        case .port(let port):
            return [ComposePort(port: port, isDatagram: isDatagram, value: expanded)]
        case .problem(let problem):
            findings.report(problem)
            return []
        }
    }
}
