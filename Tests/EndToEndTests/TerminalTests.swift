import Foundation
import Testing

extension EndToEnd {
    /// Job control as a person meets it, in a pseudo-terminal under a real shell.
    @Suite struct TerminalTests {
        @Test(arguments: [
            "ctrl-c", "ctrl-c-default", "ctrl-c-ignored", "nested", "suspend", "suspend-twice",
            "raw-keys", "raw-killed",
            "background", "pipe", "npm", "side-by-side", "hangup", "reads-lines",
            "hidden-password",
        ])
        func `a terminal behaves as without us`(scenario: String) async throws {
            try await Sandbox.with { sandbox in
                try await sandbox.portless("proxy", "start")
                let result = try await sandbox.start([
                    "python3", Apps.path("terminal.py"), scenario, Binary.path, Apps.folder,
                ]).finished(within: .seconds(90))
                #expect(result.output.hasSuffix("passed\n"), "\(result.output)\n\(result.talk)")
                try await eventually("the route is gone") {
                    sandbox.stateFile("routes.json") == "[]" ? () : nil
                }
            }
        }
    }
}
