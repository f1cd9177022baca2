import PortlessCore
import SystemPackage

/// The apps in the background, asked of the server.
struct SupervisedApps {
    let server: APIClient

    /// What came of a request, by the process's name; failures are told on the console.
    func change(
        _ verb: String,
        of choice: AppSelection.Choice,
        _ console: Console,
    ) throws -> Bool {
        let processes: [String?] = choice.processes ?? [nil]
        var isDone = true
        for process in processes {
            let body = JSONObject(process.map { ["process": .string($0)] } ?? [:])
            let answer = try server.post("/api/apps/\(choice.app)/\(verb)", .object(body))
            isDone = Self.tellFailures(answer, app: choice.app, console) && isDone
        }
        return isDone
    }

    /// Ends processes of the app and their descendants; throws where one of them goes on.
    func stop(_ choice: AppSelection.Choice) throws {
        let processes: [String?] = choice.processes ?? [nil]
        var goingOn: [(process: String, state: ProcessState?)] = []
        for process in processes {
            let body = JSONObject(process.map { ["process": .string($0)] } ?? [:])
            let answer = try server.post("/api/apps/\(choice.app)/stop", .object(body))
            for (process, result) in answer["results"]?.object?.members ?? []
            where result["error"] != nil {
                let state = result["state"]?.string.flatMap(ProcessState.init(rawValue:))
                goingOn.append((process, state))
            }
        }
        guard let first = goingOn.first else { return }
        guard goingOn.contains(where: { $0.state == .starting }) else {
            throw Failure(
                "\(first.process) of \(choice.app) doesn't end.",
                remedy: "`portless ps` shows what still runs.",
            )
        }
        let names = choice.processes.map { "\($0.joined(separator: ", ")) of " } ?? ""
        throw Failure(
            "\(names)\(choice.app) was started again by another command.",
            remedy: "To stop it: portless down",
        )
    }

    func up(_ plan: SupervisionPlan, only: [String]?, _ console: Console) throws -> Bool {
        var body: JSONObject = ["plan": plan.json]
        body["only"] = only.map { .array($0.map { .string($0) }) }
        let answer = try server.post("/api/up", .object(body))
        return Self.tellFailures(answer, app: plan.app.description, console)
    }

    /// An app as it is now; nil for one that was never up.
    func app(_ name: String) throws -> SupervisedApp? {
        try server.get("/api/apps/\(name)")["supervised"].flatMap { SupervisedApp(json: $0) }
    }

    /// How the processes of an app are now; none for an app that was never up.
    func processes(of app: String) throws -> [SupervisedProcess] {
        try self.app(app)?.processes ?? []
    }

    /// All apps that were brought up.
    func all() throws -> [SupervisedApp] {
        try server.get("/api/apps").array?.compactMap { entry in
            entry["supervised"].flatMap { SupervisedApp(json: $0) }
        } ?? []
    }

    private static func tellFailures(_ answer: JSONValue, app: String, _ console: Console) -> Bool {
        for (process, result) in answer["results"]?.object?.members ?? [] {
            guard let error = result["error"]?.string else { continue }
            console.report(Failure("\(process) of \(app) isn't started: \(error)"))
        }
        return answer["success"]?.bool ?? false
    }
}

extension JSONObject {
    fileprivate init(_ members: [String: JSONValue]) {
        self.init()
        for (key, value) in members { self[key] = value }
    }
}
