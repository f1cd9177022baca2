import SystemPackage

extension SupervisionPlan {
    /// The content of `plan.json`, and what the command line hands to the server.
    package var json: JSONValue {
        .object([
            "version": .integer(1),
            "app": .string(app.description),
            "directory": .string(directory.string),
            "log": .object(["size": .integer(logSize), "count": .integer(logCount)]),
            "processes": .array(processes.map(\.json)),
        ])
    }

    /// Reads what `json` wrote; the error says in a few words what is wrong.
    package init(json: JSONValue) throws {
        let fields = try PlanFields(json, "plan")
        let name = try fields.text("app")
        let app: AppName
        do {
            app = try AppName(parsing: name)
        } catch {
            throw PlanFields.Problem(description: "plan.app: \(error)")
        }
        guard let directory = try fields.path("directory") else {
            throw fields.wrong("directory", "an absolute path")
        }
        let processes = try fields.objects("processes").map { try PlannedProcess($0) }
        let names = processes.map(\.name)
        guard Set(names).count == names.count else {
            throw PlanFields.Problem(description: "plan.processes has a name twice")
        }
        self.init(app: app, directory: directory, processes: processes)
        if let log = try fields.fields("log") {
            logSize = max(try log.integer("size") ?? logSize, 1024)
            logCount = Int(min(try log.integer("count") ?? 3, 100))
        }
    }
}
