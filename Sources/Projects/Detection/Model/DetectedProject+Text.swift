import PortlessCore

extension DetectedProject {
    /// What `portless ports detect` prints for people.
    package var text: String {
        let rows = processes.flatMap { process in
            process.sources.isEmpty
                ? [[process.name, "", "", "", ""]]
                : process.sources.map { source in
                    [
                        process.name, source.label, source.port.description,
                        "\(source.location.file):\(source.location.line)", source.description ?? "",
                    ]
                }
        }
        let header = ["PROCESS", "LABEL", "PORT", "DECLARED", "DESCRIPTION"]
        var parts = rows.isEmpty ? [] : [TextTable(header: header, rows: rows).text]
        if !dependencies.isEmpty {
            let rows = dependencies.map { dependency in
                [
                    dependency.name, dependency.port.description,
                    "\(dependency.location.file):\(dependency.location.line)",
                ]
            }
            parts.append(TextTable(header: ["DEPENDENCY", "PORT", "DECLARED"], rows: rows).text)
        }
        if !unresolved.isEmpty {
            let lines = unresolved.map { "\($0.file):\($0.line): \($0.reason)" }
            parts.append("Not resolved:\n" + lines.joined(separator: "\n"))
        }
        return parts.joined(separator: "\n\n")
    }
}
