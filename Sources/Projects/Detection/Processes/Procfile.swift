import PortlessCore

/// Reads `Procfile` and its variants: one `name: command` a line.
enum Procfile {
    static let names = ["Procfile.dev", "Procfile.local", "Procfile"]

    /// False where a directory has no Procfile with a process in it.
    static func read(
        in directory: String,
        of configuration: ConfigurationFile,
        into findings: inout Findings,
    ) -> Bool {
        var drafts: [ProcessDraft] = []
        var places: [String: Int] = [:]
        for name in names {
            let file = ProjectPath.join(directory, name)
            do {
                guard let source = try configuration.source(file) else { continue }
                for (number, range) in source.lines {
                    guard let line = line(number, range, of: source, &findings) else { continue }
                    let place = places[line.name] ?? drafts.count
                    if place == drafts.count {
                        guard findings.mayAddProcess(at: line.command.origin) else { break }
                        places[line.name] = place
                        drafts.append(ProcessDraft(name: line.name, directory: directory))
                    }
                    read(line.command, of: source, into: &drafts[place], &findings)
                }
            } catch {
                findings.report(Unresolved(malformed: error))
            }
        }
        findings.processes += drafts
        return !drafts.isEmpty
    }

    private static func line(
        _ number: Int,
        _ range: Range<Int>,
        of source: SourceText,
        _ findings: inout Findings,
    ) -> (name: String, command: JavaScriptValue)? {
        let text = source.string(range)
        guard !text.trimmingBlanks.isEmpty, !text.trimmingBlanks.hasPrefix("#") else { return nil }
        let name = text.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
        let behind = text[name.endIndex...].drop { $0 == " " }
        guard !name.isEmpty, behind.first == ":" else {
            let reason = "\"name: command\" is expected here"
            findings.report(Unresolved(file: source.file, line: number, reason: reason))
            return nil
        }
        let location = SourceLocation(file: source.file, line: number, range: range)
        let command = JavaScriptValue(.string(behind.dropFirst().trimmingBlanks), at: location)
        return (String(name), command)
    }

    private static func read(
        _ command: JavaScriptValue,
        of source: SourceText,
        into draft: inout ProcessDraft,
        _ findings: inout Findings,
    ) {
        draft.commands.append(command)
        let words = CommandWords(command)
        if words.runs(["vite"]) { draft.usesVite = true }
        let label = PortLabels.labelOfService(
            named: draft.name,
            servesPages: words.runs(ScannedPackage.pageTools),
        )
        for flag in words.assignments + words.portFlags {
            if let name = Dependencies.name(ofVariable: flag.name, inProcess: draft.name) {
                if case .port(let port) = flag.reading {
                    findings.addDependency(name, port, command.origin)
                }
                continue
            }
            let isOwn = flag.name.hasPrefix("-") || flag.name == "PORT"
            findings.add(
                flag.value,
                named: flag.name,
                label: isOwn ? label : PortLabels.label(of: flag.name),
                rule: "\(ProjectPath.name(of: source.file)) \(flag.name)",
                to: &draft,
            )
        }
    }
}
