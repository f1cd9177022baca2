import PortlessCore

/// The process files that PM2 reads, in the order in which they are looked for.
enum PM2File {
    static let names = [
        "ecosystem.config.js", "ecosystem.config.cjs", "ecosystem.config.mjs",
        "ecosystem.config.json", "ecosystem.config.yml", "ecosystem.config.yaml",
        "ecosystem.json", "ecosystem.yml", "pm2.config.js", "pm2.config.cjs", "pm2.config.json",
        "process.json", "process.yml", "process.yaml",
    ]

    /// Adds the processes of one file; false where it defines none.
    static func read(
        _ file: String,
        with evaluator: JavaScriptEvaluator,
        into findings: inout Findings,
    ) -> Bool {
        do {
            let isYAML = file.hasSuffix(".yml") || file.hasSuffix(".yaml")
            var problems: [Unresolved] = []
            let root =
                isYAML
                ? try yaml(file, evaluator) : try script(file, evaluator, &findings, &problems)
            var reader = PM2Reader(
                file: file,
                root: evaluator.root,
                findings: Findings(evaluator.budget),
            )
            reader.read(root)
            for draft in reader.findings.processes { findings.processes.append(draft) }
            for found in reader.findings.dependencies {
                findings.addDependency(found.name, found.port, found.location)
            }
            // What gives processes can be read, whatever else stands in it.
            let isReadable = !reader.findings.processes.isEmpty
            findings.report(isReadable ? problems.map(\.asPartOfReadable) : problems)
            findings.report(reader.findings.unresolved.map(\.asPartOfReadable))
            findings.pm2Home = findings.pm2Home ?? reader.findings.pm2Home
            return !reader.findings.processes.isEmpty
        } catch {
            findings.report(Unresolved(malformed: error))
            return false
        }
    }

    /// What a file gives, without a look at what is in it.
    static func value(
        _ file: String,
        with evaluator: JavaScriptEvaluator,
    ) throws(DeclarationError) -> JavaScriptValue {
        var findings = Findings(evaluator.budget)
        var problems: [Unresolved] = []
        let value: JavaScriptValue
        do throws(SourceError) {
            let isYAML = file.hasSuffix(".yml") || file.hasSuffix(".yaml")
            value =
                isYAML
                ? try yaml(file, evaluator) : try script(file, evaluator, &findings, &problems)
        } catch {
            throw .unreadable(error)
        }
        if let problem = problems.first { throw .unresolved(problem, what: file) }
        return value
    }

    private static func yaml(
        _ file: String,
        _ evaluator: JavaScriptEvaluator,
    ) throws(SourceError) -> JavaScriptValue {
        let source = try evaluator.source(file) ?? SourceText(file: file, bytes: [])
        return try YAMLDocument.value(of: source, budget: evaluator.budget)
    }

    private static func script(
        _ file: String,
        _ evaluator: JavaScriptEvaluator,
        _ findings: inout Findings,
        _ problems: inout [Unresolved],
    ) throws(SourceError) -> JavaScriptValue {
        let module = try evaluator.module(file)
        problems = module.problems
        if let home = module.scope.value(of: "PM2_HOME")?.string { findings.pm2Home = home }
        return module.exports.object?["default"] ?? module.exports
    }
}
