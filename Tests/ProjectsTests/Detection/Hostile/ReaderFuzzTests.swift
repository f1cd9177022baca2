import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Projects

/// Mutants of the fixtures' files for every reader of project files: whatever stands in a file, its
/// reader ends.
@Suite struct ReaderFuzzTests {
    private static let words = [
        "(", ")", "[", "{", "}", "`${", "=>", "a=a+a;", "...", "?.", "**", "new ", "function(){",
        "/*", "//", "\\u{", "&a ", "*a", "<<: ", "- ", "|", ">", "?", "${A}", "$", "%", "\u{FEFF}",
        "\u{0}", "99999999999999999999", "1e999", "-1", "65536", "\"", "'", "#", "require('./b')",
        "**/", "!", "\\",
    ]

    private func fuzz(
        _ names: String...,
        rounds: Int = 200,
        line: Int = #line,
        read: @escaping (SourceText) -> Void,
    ) {
        let seeds = FixtureCase.texts { file in names.contains { file.hasSuffix($0) } }
        #expect(!seeds.isEmpty)
        for var round in Fuzzing.rounds(default: rounds, line: line) {
            let text = round.lines(from: seeds, inserting: Self.words)
            let source = SourceText(file: names[0], bytes: Array(text.utf8))
            let result: Void? = ReadingThread.perform { read(source) }
            #expect(result != nil)
        }
    }

    @Test func `JavaScript`() {
        fuzz(".js", ".cjs", ".mjs", ".ts") { source in
            let evaluator = JavaScriptEvaluator(root: "/app") { path in
                path == source.file ? source.bytes : nil
            }
            _ = try? evaluator.module(source.file)
        }
    }

    @Test func `YAML`() {
        fuzz(".yml", ".yaml") { source in _ = try? YAMLDocument.value(of: source) }
    }

    @Test func `JSON`() {
        fuzz(".json") { source in
            _ = try? JSONValue(parsing: source.bytes).formatted
            let evaluator = JavaScriptEvaluator(root: "/app") { _ in source.bytes }
            _ = try? evaluator.module("package.json")
        }
    }

    @Test func `.env files`() {
        fuzz(".env", ".env.local") { source in _ = DotenvFile.entries(of: source) }
    }

    @Test func `Procfiles`() {
        fuzz("Procfile") { source in
            _ = Procfile(source)
        }
    }

    @Test func `ignore patterns`() {
        let seeds = ["*.log\n/dist/\n!keep\n**/tmp/**\n\\#a\n", "node_modules\na?b/*c\n"]
        for var round in Fuzzing.rounds(default: 200) {
            let text = round.lines(from: seeds, inserting: Self.words)
            var rules = IgnoreRules()
            let source = SourceText(file: ".gitignore", bytes: Array(text.utf8))
            // More patterns than can be looked at are refused.
            guard (try? rules.add(source, in: "")) != nil else { continue }
            let budget = ReadingBudget()
            for path in ["dist", "a/b/c", "keep", "x/tmp/y", text] {
                _ = rules.ignores(directory: path, budget: budget)
            }
        }
    }

    /// The readers of Dockerfiles, compose files and what joins all of them are reached by this.
    @Test func `whole projects`() {
        let projects = FixtureCase.all.map { $0.files() }.filter { !$0.isEmpty }
        let seeds = projects.flatMap(\.values)
        for var round in Fuzzing.rounds(default: 150) {
            var files = projects[round.random.below(projects.count)]
            for (name, text) in files.sorted(by: { $0.key < $1.key })
            where round.random.below(3) > 0 {
                files[name] = round.lines(from: [text] + seeds, inserting: Self.words)
            }
            for name in ["Dockerfile", "docker-compose.yml", ".env", ".gitignore"]
            where round.random.below(4) == 0 {
                files[name] = round.lines(from: seeds, inserting: Self.words)
            }
            let project = HostileProject.detect(files)
            let check = PortCheck([.init(path: ".", detected: project)], systemEphemeral: nil)
            _ = (project.text, project.json.formatted, check.findings)
            _ = try? ProjectReading(root: "/app", files: HostileProject.files(files))
        }
    }
}
