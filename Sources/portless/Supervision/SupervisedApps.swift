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

    func up(_ plan: SupervisionPlan, only: [String]?, _ console: Console) throws -> Bool {
        var body: JSONObject = ["plan": plan.json]
        body["only"] = only.map { .array($0.map { .string($0) }) }
        let answer = try server.post("/api/up", .object(body))
        return Self.tellFailures(answer, app: plan.app.description, console)
    }

    /// How the processes of an app are now; none for an app that was never up.
    func processes(of app: String) throws -> [SupervisedProcess] {
        let answer = try server.get("/api/apps/\(app)")
        return Self.processes(answer["supervised"])
    }

    /// All apps that were brought up.
    func all() throws -> [(name: String, problem: String?, processes: [SupervisedProcess])] {
        try server.get("/api/apps").array?.compactMap { entry in
            guard let app = entry["supervised"], let name = app["name"]?.string else { return nil }
            return (name, app["problem"]?.string, Self.processes(app))
        } ?? []
    }

    func lines(of app: String, _ process: String?, last count: Int) throws -> [LogLine] {
        let query = process.map { "&process=\($0)" } ?? ""
        let answer = try server.get("/api/apps/\(app)/logs?lines=\(count)\(query)")
        return answer["entries"]?.array?.compactMap { LogLine(entry: $0) } ?? []
    }

    private static func processes(_ json: JSONValue?) -> [SupervisedProcess] {
        json?["processes"]?.array?.compactMap { SupervisedProcess(json: $0) } ?? []
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

extension LogLine {
    /// An entry of the API's logs.
    init?(entry: JSONValue) {
        guard let process = entry["process"]?.string,
            let time = entry["time"]?.integer(as: Int64.self),
            let stream = entry["stream"]?.string.flatMap({ Stream(rawValue: $0) }),
            let text = entry["text"]?.string
        else { return nil }
        self.init(
            process: process,
            time: time,
            cursor: entry["cursor"]?.integer(as: Int64.self),
            stream: stream,
            text: text,
        )
    }
}
