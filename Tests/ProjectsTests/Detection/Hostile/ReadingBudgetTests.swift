import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Projects

/// Files that are made to take all of the stack, the memory or the time.
@Suite struct ReadingBudgetTests {
    struct Nesting: CustomTestStringConvertible, Sendable {
        var opening: String
        var inner = "1"
        var closing = ""

        var testDescription: String { "\(opening)…\(closing)" }

        func text(_ count: Int) -> String {
            String(repeating: opening, count: count) + inner
                + String(repeating: closing, count: count)
        }
    }

    static let nestings: [Nesting] = [
        Nesting(opening: "(", closing: ")"), Nesting(opening: "[", closing: "]"),
        Nesting(opening: "{a:", closing: "}"), Nesting(opening: "`${", closing: "}`"),
        Nesting(opening: "!"), Nesting(opening: "- "), Nesting(opening: "typeof "),
        Nesting(opening: "a?", closing: ":2"), Nesting(opening: "a?1:"),
        Nesting(opening: "new "), Nesting(opening: "()=>"), Nesting(opening: "a="),
        Nesting(opening: "function(){return ", closing: "}"), Nesting(opening: "await "),
        Nesting(opening: "1**"), Nesting(opening: "[...", inner: "[]", closing: "]"),
        Nesting(opening: "", inner: "a", closing: ".b"), Nesting(opening: "", closing: "+1"),
        Nesting(opening: "", inner: "a", closing: "()"), Nesting(opening: "a<"),
        Nesting(opening: "", inner: "new a", closing: ".b"),
        Nesting(opening: "", inner: "a", closing: "[0]"), Nesting(opening: "1,"),
        // Deep and long at once: each of the two alone is within bounds.
        Nesting(opening: "(", closing: String(repeating: "+1", count: 398) + ")"),
    ]

    @Test(arguments: nestings)
    func `deep and long expressions end neither the process nor its stack`(_ nesting: Nesting) {
        let count = nesting.closing.count > 100 ? 90 : 20_000
        let text = "module.exports = " + nesting.text(count)
        _ = HostileProject.detect(["ecosystem.config.js": text])
        _ = HostileProject.detect(["package.json": "{\"scripts\": \(nesting.text(count))}"])
    }

    @Test func `what real files nest is read`() {
        let text = "module.exports = { apps: [{ name: 'a', script: 'a', port: \(nested(40)) }] }"
        let project = HostileProject.detect(["ecosystem.config.js": text])
        #expect(project.processes.first?.port == 5570)
    }

    private func nested(_ depth: Int) -> String {
        String(repeating: "(", count: depth) + "5570" + String(repeating: ")", count: depth)
    }

    @Test(
        arguments: [
            "let a = 'x';\n" + String(repeating: "a = a + a;\n", count: 40),
            "let a = 'x';\n" + String(repeating: "a = `${a}${a}`;\n", count: 40),
            "let a = [1];\n" + String(repeating: "a = [...a, ...a];\n", count: 40),
            "let a = [1];\n" + String(repeating: "a = a.concat(a);\n", count: 40),
            "let a = {x: 1};\n" + String(repeating: "a = {b: a, c: a};\n", count: 40),
        ]
    )
    func `a value that grows out of itself is not known`(_ statements: String) throws {
        let files = ["ecosystem.config.js": statements + "module.exports = { apps: a };"]
        let project = HostileProject.detect(files)
        let problem = try #require(project.unresolved.first)
        #expect(problem.file == "ecosystem.config.js")
        #expect(!problem.isMalformed)
    }

    @Test(arguments: ["a = [a, a];\n", "a = [a];\n", "a = {a};\n"])
    func `a value that nests in itself ends no process`(statement: String) {
        let text = "let a = [1];\n" + String(repeating: statement, count: 5000)
        _ = HostileProject.detect(["ecosystem.config.js": text + "module.exports = { apps: a };"])
    }

    @Test func `functions that keep one another's scopes are released without recursion`() {
        let text =
            "let g = () => 1;\n" + String(repeating: "g = (h => () => h)(g);\n", count: 8000)
        _ = HostileProject.detect(["vite.config.ts": text])
    }

    @Test func `what was read is released`() throws {
        var evaluator: JavaScriptEvaluator? = JavaScriptEvaluator(root: "/app") { _ in
            Array("function f() { return f }\nconst a = f;\nmodule.exports = () => a;".utf8)
        }
        var module = try evaluator?.module("a.js")
        weak let released = module
        let value = module?.exports
        module = nil
        evaluator = nil
        #expect(released == nil)
        #expect(value?.problem != nil)
    }

    @Test func `aliases that multiply what they stand for make a file unknown`() {
        let lines = (1..<60).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]" }
        let text = "a0: &a0 [x, x]\n" + lines.joined(separator: "\n")
        let project = HostileProject.detect(["docker-compose.yml": text])
        #expect(project.unresolved.map(\.file) == ["docker-compose.yml"])
        #expect(project.unresolved.map(\.isMalformed) == [false])
    }

    @Test func `deep YAML is an error with its line`() {
        for text in [
            String(repeating: "[", count: 50_000), String(repeating: "- ", count: 50_000),
            String(repeating: "{a: ", count: 20_000),
            (0..<300).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
        ] {
            let project = HostileProject.detect(["compose.yaml": text])
            #expect(project.unresolved.map(\.reason) == [OverBudget.depth])
        }
    }

    @Test func `a file that is too long is named`() throws {
        try TemporaryDirectory.with { folder in
            let text = String(repeating: " ", count: ReadingBudget.maximumFileSize) + "{}"
            for name in ["package.json", ".env", "Dockerfile", "docker-compose.yml"] {
                try AtomicFile.write(text.utf8, to: folder.appending(name))
            }
            let project = ProjectDetection.detect(directory: folder, files: .directory(folder))
            #expect(project.malformed.isEmpty)
            #expect(
                Set(project.unresolved.map(\.file)) == [
                    "package.json", ".env", "Dockerfile", "docker-compose.yml",
                ]
            )
            #expect(project.unresolved.allSatisfy { $0.reason.contains("longer than 256 KiB") })
        }
    }

    @Test func `scripts that all run one another are read within the budget`() throws {
        let scripts = (0..<2500).map { "\"s\($0)\": \"run-p s* s\($0)* && pnpm --filter x s1\"" }
        let text = "{\"scripts\": {\(scripts.joined(separator: ", "))}}"
        let start = ContinuousClock.now
        let project = HostileProject.detect(["package.json": text])
        #expect(project.processes.isEmpty)
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test func `no more ports are read than any project has`() throws {
        let exposes = "EXPOSE " + String(repeating: "1000-1099 ", count: 20_000)
        let files = ["Dockerfile": exposes, "package.json": "{}"]
        let project = HostileProject.detect(files)
        #expect(project.processes.flatMap(\.sources).count == ReadingBudget.maximumPlaces)
        #expect(project.unresolved.map(\.file) == ["Dockerfile"])
        let ranges = String(repeating: "      - 1-65535:1-65535\n", count: 5000)
        let compose = HostileProject.detect([
            "compose.yaml": "services:\n  a:\n    ports:\n" + ranges
        ])
        #expect(compose.processes.flatMap(\.sources).count == ReadingBudget.maximumPlaces)
    }

    @Test func `variables that double are not known`() {
        let text = "A=x\n" + String(repeating: "A=${A}${A}\n", count: 5000) + "PORT=$A\n"
        let project = HostileProject.detect([".env": text, "package.json": "{}"])
        #expect(project.unresolved.contains { $0.file == ".env" })
    }

    @Test func `of many errors some are told`() {
        let text = String(repeating: "const a = (\nconst b = }\n", count: 8000)
        let project = HostileProject.detect(["vite.config.ts": text])
        #expect((1...60).contains(project.unresolved.count))
    }
}
