import Foundation
import Testing

extension EndToEnd {
    /// The dashboard in Chromium; `Browser/` holds what it does there, in Python.
    @Suite(.serialized) struct DashboardTests {
        @Test(
            .timeLimit(.minutes(3)),
            arguments: [
                "apps.first_load", "apps.events", "apps.actions", "apps.hostile", "apps.many",
                "logs.following", "logs.reading", "logs.flood",
                "page.keyboard", "page.narrow", "page.dark", "page.connection", "page.accessible",
                "ports.port_map", "ports.table", "ports.leases",
            ],
        )
        func `in a real browser`(name: String) async throws {
            try await Sandbox.with { sandbox in
                let script = URL(filePath: #filePath).deletingLastPathComponent()
                    .appending(path: "Browser/dashboard.py").path()
                let result = try await sandbox.start(
                    ["python3", script, name],
                    environment: [
                        "PORTLESS_TEST_BINARY": Binary.path,
                        "DASHBOARD_TEST_ROOT": sandbox.project.path(),
                        "DASHBOARD_FIRST_PAINT_MS": Binary.isDebugBuild ? "2000" : "300",
                        "PYTHONDONTWRITEBYTECODE": "1",
                    ],
                ).finished()
                #expect(result.status == 0, "\(result.output)\n\(result.talk)")
            }
        }
    }
}
