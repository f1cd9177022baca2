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
        for name in names {
            let file = ProjectPath.join(directory, name)
            do {
                guard let source = try configuration.source(file) else { continue }
                for (number, range) in source.lines {
                    read(number, range, of: source, in: directory, into: &drafts, &findings)
                }
            } catch {
                findings.report(Unresolved(malformed: error))
            }
        }
        findings.processes += drafts
        return !drafts.isEmpty
    }

    private static func read(
        _ number: Int,
        _ range: Range<Int>,
        of source: SourceText,
        in directory: String,
        into drafts: inout [ProcessDraft],
        _ findings: inout Findings,
    ) {
        let text = source.string(range)
        guard !text.trimmingBlanks.isEmpty, !text.trimmingBlanks.hasPrefix("#") else { return }
        let name = text.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
        let behind = text[name.endIndex...].drop { $0 == " " }
        guard !name.isEmpty, behind.first == ":" else {
            return findings.report(
                Unresolved(
                    file: source.file,
                    line: number,
                    reason: "\"name: command\" is expected here",
                )
            )
        }
        let location = SourceLocation(file: source.file, line: number, range: range)
        let command = JavaScriptValue(.string(behind.dropFirst().trimmingBlanks), at: location)
        let index = drafts.firstIndex { $0.name == name } ?? drafts.count
        if index == drafts.count {
            drafts.append(ProcessDraft(name: String(name), directory: directory))
        }
        drafts[index].commands.append(command)
        let words = CommandWords(command)
        if words.runs(["vite"]) { drafts[index].usesVite = true }
        let label = PortLabels.labelOfService(
            named: String(name),
            servesPages: words.runs(ScannedPackage.pageTools),
        )
        for flag in words.assignments + words.portFlags {
            if let name = Dependencies.name(ofVariable: flag.name, inProcess: String(name)) {
                if case .port(let port) = flag.reading {
                    findings.addDependency(name, port, location)
                }
                continue
            }
            let isOwn = flag.name.hasPrefix("-") || flag.name == "PORT"
            findings.add(
                flag.value,
                named: flag.name,
                label: isOwn ? label : PortLabels.label(of: flag.name),
                rule: "\(ProjectPath.name(of: source.file)) \(flag.name)",
                to: &drafts[index],
            )
        }
    }
}
