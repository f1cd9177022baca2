import PortlessCore
import Testing

@testable import Projects

struct SARIFReportTests {
    private let finding = PortFinding(
        level: .error,
        rule: .browserBlocked,
        message: "browsers refuse to open port 6000",
        project: "my app",
        file: "vite.config.ts",
        line: 5,
    )

    @Test
    func `a finding is a result with its rule, level and place`() throws {
        let report = SARIFReport([finding], version: "1.2.3").json
        #expect(report["version"] == .string("2.1.0"))
        let run = try #require(report["runs"]?.array?.first)
        let driver = try #require(run["tool"]?["driver"])
        #expect(driver["name"] == .string("portless"))
        let result = try #require(run["results"]?.array?.first)
        #expect(result["level"] == .string("error"))
        #expect(result["message"]?["text"] == .string("browsers refuse to open port 6000"))
        let rules = try #require(driver["rules"]?.array)
        let index = try #require(result["ruleIndex"]?.integer)
        #expect(rules[index]["id"] == result["ruleId"])
        let place = try #require(result["locations"]?.array?.first?["physicalLocation"])
        #expect(place["artifactLocation"]?["uri"] == .string("my%20app/vite.config.ts"))
        #expect(place["region"]?["startLine"] == .integer(5))
    }

    @Test
    func `each rule has the level of its gravest findings`() {
        #expect(
            PortFinding.Rule.allCases.map(\.rawValue).count == Set(PortFinding.Rule.allCases).count
        )
        for rule in PortFinding.Rule.allCases { #expect(rule.summary.hasSuffix(".")) }
    }

    @Test(arguments: [
        (".", "."), ("./web/../api", "api"), ("/src/ä", "file:///src/%C3%A4"),
        ("../a#b", "../a%23b"),
    ])
    func `paths become references`(path: String, reference: String) {
        #expect(SARIFReport.reference(path) == reference)
    }
}
