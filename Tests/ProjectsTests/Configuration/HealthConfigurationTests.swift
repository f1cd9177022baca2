import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Projects

@Suite struct HealthConfigurationTests {
    private func load(_ text: String) throws -> ProjectConfiguration {
        var result = ProjectConfiguration()
        try TemporaryDirectory.with { folder in
            try folder.write("portless.json", text)
            result = try ProjectConfiguration.load(in: folder)
        }
        return result
    }

    @Test func `a path alone, or with statuses and times`() throws {
        let configuration = try load(
            """
            {"health": "/healthz", "processes": {"api": {"command": "node api.js", "health":
              {"path": "/up", "status": ["2xx", 304, "400-404"], "interval": "1s", "timeout": 300}}}}
            """
        )
        #expect(configuration.app.health == HealthCheck(path: "/healthz"))
        let check = try #require(configuration.processes.first?.health)
        #expect(check.path == "/up" && check.statuses == [200...299, 304...304, 400...404])
        #expect(check.interval == .seconds(1) && check.timeout == .milliseconds(300))
        #expect(check.accepts(304) && !check.accepts(303))
        #expect(configuration.unknownKeys.isEmpty)
    }

    @Test(arguments: [
        #""healthz""#, #""/a b""#, "7", #"{"status": 200}"#, #"{"path": "/", "status": 99}"#,
        #"{"path": "/", "status": "300-200"}"#, #"{"path": "/", "status": []}"#,
        #"{"path": "/", "timeout": "2 parsecs"}"#, #"{"path": "/", "interval": 0}"#,
        #"{"path": "/", "retries": 3}"#,
    ])
    func `what can't be meant is refused by its key`(value: String) throws {
        do {
            _ = try load("{\"health\": \(value)}")
            Issue.record("\(value) was taken")
        } catch let error as ProjectConfigurationError {
            #expect("\(error)".hasPrefix("\"health"), "\(error)")
        }
    }
}
