import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Projects

@Suite struct EnvironmentTemplateTests {
    private func filled(_ text: String) throws -> String {
        try EnvironmentTemplate(parsing: text).filled { "<\($0)>" }
    }

    @Test(arguments: [
        ("", ""), ("plain", "plain"), ("shop_{branch}", "shop_<{branch}>"),
        ("{url.api}/v1", "<{url.api}>/v1"),
        ("{port.ui}{port.api-local}", "<{port.ui}><{port.api-local}>"),
        ("{name}", "<{name}>"), ("{{branch}}", "{branch}"), ("{{{branch}}}", "{<{branch}>}"),
        (#"{{"a": {{}}}}"#, #"{"a": {}}"#), ("{url.a.b-c}", "<{url.a.b-c}>"), ("ü{{", "ü{"),
    ])
    func `placeholders are filled in, and doubled braces are single ones`(
        text: String,
        expected: String,
    ) throws {
        #expect(try filled(text) == expected)
        let template = try EnvironmentTemplate(parsing: text)
        #expect((template.plain != nil) == !expected.contains("<"))
    }

    @Test(arguments: [
        "{", "}", "a}b", "{branch", "{}", "{brunch}", "{port}", "{port.}", "{port.a b}",
        "{url}", "{url.}", "{url.-}", "{name.x}", "{branch.x}", "{ branch }", "{$HOME}", "{{}",
        "{{branch}",
    ])
    func `anything else in braces is refused`(text: String) {
        #expect(throws: EnvironmentTemplate.Problem.self) { try EnvironmentTemplate(parsing: text) }
    }

    @Test(arguments: [
        ("http://localhost:5570/x", "http://localhost:<{port.api}>/x"),
        ("a:5570,127.0.0.1:5570,[::1]:5571", "a:5570,127.0.0.1:<{port.api}>,[::1]:<{port.ui}>"),
        ("{localhost:5570}", "{localhost:<{port.api}>}"),
    ])
    func `a text follows the ports that it names on this machine`(text: String, expected: String) {
        let labels: [Port: String] = [5570: "api", 5571: "ui"]
        #expect(EnvironmentTemplate(text, following: labels)?.filled { "<\($0)>" } == expected)
    }

    @Test(arguments: ["", "localhost:55701", "localhost:", "db:5570", "5570", "localhost5570"])
    func `other texts stay`(text: String) {
        #expect(EnvironmentTemplate(text, following: [5570: "api"]) == nil)
    }

    // MARK: In the project's configuration

    private func read(_ text: String) throws -> ProjectConfiguration {
        try TemporaryDirectory.with { folder in
            try folder.write("portless.json", text)
            return try ProjectConfiguration.load(in: folder)
        }
    }

    @Test func `env is read for the project, its apps and its processes`() throws {
        let configuration = try read(
            """
            {"env": {"A": "{branch}", "B": 1},
             "apps": {"web": {"env": {"C": "{{}}"}}},
             "processes": {"web": {"command": "x", "env": {"D": "{name}", "E": "e", "PORT": 4000}}}}
            """
        )
        #expect(configuration.unknownKeys.isEmpty)
        #expect(configuration.app.environment.map(\.name) == ["A", "B"])
        #expect(configuration.app.environment.map(\.location.line) == [1, 1])
        #expect(configuration.apps["web"]?.environment.map(\.template.plain) == ["{}"])
        let process = try #require(configuration.processes.first)
        #expect(process.templates.map(\.name) == ["D", "E"])
        #expect(process.environment == ["E": "e", "PORT": "4000"])
    }

    @Test(arguments: [
        (#"{"env": []}"#, "\"env\" in"), (#"{"env": {"A": []}}"#, "\"env.A\" in"),
        (#"{"env": {"": "x"}}"#, "\"env.\" in"), (#"{"env": {"A=B": "x"}}"#, "\"env.A=B\" in"),
        (
            #"{"name": "a",\#n"env": {"A": "{b}"}}"#,
            #"portless.json:2: "env.A" can't be used: {b} is"#,
        ),
        (#"{"env": {"PORT": "1"}}"#, #"portless.json:1: "env.PORT" can't be used: Portless sets"#),
        (#"{"env": {"PORTLESS_URL": "x"}}"#, "Portless sets PORTLESS_URL itself."),
        (
            #"{"processes": {"a": {"command": "x", "env": {"PORT": "{port.ui}"}}}}"#,
            "takes a number",
        ),
        (#"{"processes": {"a": {"command": "x", "env": {"A": "}"}}}}"#, "is written twice."),
    ])
    func `what env can't have is an error with its place`(text: String, phrase: String) {
        let error = #expect(throws: ProjectConfigurationError.self) { try read(text) }
        #expect(error?.description.contains(phrase) == true, "\(String(describing: error))")
    }
}
