import Foundation
import Testing

extension EndToEnd {
    /// Health checks while apps run, and `depends_on` that waits for them.
    @Suite struct HealthTests {}
}

extension EndToEnd.HealthTests {
    @Test func `what depends on a server waits until it is healthy, and all see how it is`()
        async throws
    {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("proxy", "start", "--no-tls")
            let mood = sandbox.project.appending(path: "mood")
            try sandbox.write("503", to: "mood")
            try sandbox.write(
                """
                {"name": "shop", "processes": {
                  "db": {"command": ["python3", "\(Apps.path("moody.py"))"], "ports": ["api"],
                         "health": {"path": "/healthz", "interval": "100ms"}},
                  "worker": {"command": "sh -c 'echo working; sleep 600'", "depends_on": ["db"]}}}
                """,
                to: "portless.json",
            )
            let up = try sandbox.startPortless("up")
            try await eventually("the check has failed") {
                let db = try await sandbox.healthOf("db")
                return db.health == "starting"
                    && db.problem == "answers /healthz with 503, not 200–399" ? db : nil
            }
            let waiting = try await sandbox.healthOf("worker")
            #expect(waiting.state == "starting" && waiting.waitsFor == "db" && waiting.pid == nil)

            try FileManager.default.removeItem(at: mood)
            let result = try await up.finished()
            #expect(result.status == 0, "\(result.talk)")
            let table = try await sandbox.portless("ps")
            #expect(table.output.contains("HEALTH") && table.output.contains("healthy"))

            // It is shown, and nothing is restarted for it.
            let pid = try await sandbox.healthOf("db").pid
            try sandbox.write("500", to: "mood")
            try await eventually("it is unhealthy") {
                let db = try await sandbox.healthOf("db")
                return db.health == "unhealthy" && db.pid == pid ? db : nil
            }
            let said = try await sandbox.portless("ps", "shop")
            #expect(said.talk.contains("shop db: It answers /healthz with 500"), "\(said.talk)")
            #expect(try await sandbox.healthOf("worker").state == "online")
            // A keeper that takes over asks again.
            let keeper = try #require(sandbox.keeper(of: "shop"))
            kill(keeper, SIGKILL)
            try await eventually("the next keeper has asked") {
                let db = try await sandbox.healthOf("db")
                return sandbox.keeper(of: "shop") != keeper && db.pid == pid
                    && db.health == "starting" && db.problem != nil ? db : nil
            }
            try FileManager.default.removeItem(at: mood)
            try await eventually("it is healthy again") {
                try await sandbox.healthOf("db").health == "healthy" ? true : nil
            }
            try await sandbox.portless("down")
        }
    }
}

/// A process as `ps --json` shows it.
private struct Shown {
    var state: String?
    var pid: Int?
    var waitsFor: String?
    var health: String?
    var problem: String?
}

extension Sandbox {
    fileprivate func healthOf(_ process: String) async throws -> Shown {
        let result = try await portless("ps", "--json")
        let apps = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        let processes = (apps as? [[String: Any]])?.first?["processes"] as? [[String: Any]]
        let found = processes?.first { $0["name"] as? String == process }
        let health = found?["health"] as? [String: Any]
        return Shown(
            state: found?["state"] as? String,
            pid: found?["pid"] as? Int,
            waitsFor: found?["waitsFor"] as? String,
            health: health?["state"] as? String,
            problem: health?["problem"] as? String,
        )
    }

    fileprivate func keeper(of app: String) -> Int32? {
        let text = stateFile("apps/\(app)/keeper.json")
        let json = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        return (json?["pid"] as? NSNumber)?.int32Value
    }
}
