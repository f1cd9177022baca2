/// Reads the YAML that compose, pm2 and workspace files are written in.
///
/// That is YAML 1.2's core schema with block and flow collections, all scalar styles, comments,
/// anchors, aliases and merge keys; of several documents, the first. Complex keys and directives
/// are errors that name their line. (The common library links 34 MB of Unicode tables.)
enum YAMLDocument {
    static func value(
        of source: SourceText,
        budget: ReadingBudget = ReadingBudget(),
    ) throws(SourceError) -> JavaScriptValue {
        var parser = YAMLParser(source, budget: budget)
        return try parser.document()
    }
}
