import PortlessCore

/// Reads the configuration files of a project into values.
struct ConfigurationFile {
    let files: ProjectFiles
    let evaluator: JavaScriptEvaluator

    /// The file's text; nil where there is none.
    func source(_ file: String) throws(SourceError) -> SourceText? {
        try evaluator.source(file)
    }

    /// The same for a file that others can do without: why it can't be read is reported.
    func source(_ file: String, reportingTo findings: inout Findings) -> SourceText? {
        do {
            return try source(file)
        } catch {
            findings.report(Unresolved(error))
            return nil
        }
    }

    /// Whether there is a file, even if it can't be read.
    func exists(_ file: String) -> Bool {
        do {
            return try files.read(file) != nil
        } catch {
            return true
        }
    }

    /// The directory's entries; none where it can't be read, or there has been enough to read.
    func list(_ directory: String) -> [ProjectFiles.Entry] {
        guard !evaluator.budget.isSpent else { return [] }
        let entries = (try? files.list(directory)) ?? []
        evaluator.budget.spend(entries.count)
        return entries
    }

    /// A JSON file's value; comments and trailing commas are let through.
    func json(_ file: String) throws(SourceError) -> JavaScriptObject? {
        guard try source(file) != nil else { return nil }
        let value = try evaluator.module(file).exports
        guard let object = value.object else {
            throw SourceError(
                file: file,
                line: value.origin.line,
                reason: "it has to be an object",
            )
        }
        return object
    }

    func yaml(_ file: String) throws(SourceError) -> JavaScriptValue? {
        guard let source = try source(file) else { return nil }
        return try YAMLDocument.value(of: source, budget: evaluator.budget)
    }
}
