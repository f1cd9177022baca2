import Foundation
import Testing

extension EndToEnd {
    /// `portless mcp` with the protocol's own client.
    @Suite struct AgentTests {}
}

extension EndToEnd.AgentTests {
    @Test func `an agent brings a project up, reads its log and stops it; another only looks`()
        async throws
    {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("proxy", "start", "--no-tls")
            try sandbox.write(
                "web: sh -c 'echo hello; exec python3 -m http.server -b 127.0.0.1 $PORT'\n",
                to: "Procfile",
            )
            let result = try await sandbox.start([
                "python3", Apps.path("mcp_client.py"), Binary.path,
                sandbox.project.path(),
            ]).finished(within: .seconds(120))
            #expect(result.status == 0, "\(result.output)\(result.talk)")
            let lines = result.output.split(separator: "\n").map(String.init)
            for expected in [
                #"{"name": "up", "value": true}"#, #"{"name": "online", "value": true}"#,
                #"{"name": "logs", "value": ["hello"]}"#,
                #"{"name": "resource", "value": true}"#, #"{"name": "looker", "value": []}"#,
                #"{"name": "looker sees", "value": ["project"]}"#,
                #"{"name": "wrong", "value": "There is no app \"nothing\"."}"#,
                #"{"name": "stopped", "value": true}"#,
                #"{"name": "looker has", "value": ["list_jobs", "show_crash", "show_patch"]}"#,
                #"{"name": "job", "value": ["failed", 3, "sh -c cat; exit 3"]}"#,
                #"{"name": "job logs", "value": ["from the model"]}"#,
                #"{"name": "jobs", "value": ["long", 1]}"#,
                #"{"name": "job stopped", "value": "stopped"}"#,
                #"{"name": "crash", "value": [true, 11, "killed"]}"#,
                #"{"name": "crash lines", "value": ["hello"]}"#,
                #"{"name": "crash variables", "value": true}"#,
                #"{"name": "patch", "value": "There is no patch for this crash."}"#,
                #"{"name": "restarted", "value": true}"#,
            ] { #expect(lines.contains(expected), "\(expected) in \(result.output)") }
            #expect(lines.count { $0.contains(#""name": "bad""#) } == 4)
            #expect(lines.count { $0.contains(#""name": "bad job""#) } == 4)
            #expect(lines.contains { $0.contains(#""refused""#) && $0.contains("no tool") })
        }
    }
}
