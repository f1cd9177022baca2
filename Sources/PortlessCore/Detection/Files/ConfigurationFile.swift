/// Reads the configuration files of a project into values.
struct ConfigurationFile {
    let files: ProjectFiles
    let evaluator: JavaScriptEvaluator

    /// The file's text; nil where there is none.
    func source(_ file: String) throws(SourceError) -> SourceText? {
        do {
            return try files.read(file).map { SourceText(file: file, bytes: $0) }
        } catch {
            throw SourceError(file: file, line: 1, reason: "it can't be read: \(error)")
        }
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
        return try YAMLDocument.value(of: source)
    }
}
