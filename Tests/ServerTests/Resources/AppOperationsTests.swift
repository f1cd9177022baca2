import PortlessCore
import Runner
import SystemPackage
import TestSupport
import Testing

@testable import Server

@Suite struct AppOperationsTests {
    private func register(_ api: APIFixture, _ name: String, _ folder: FilePath) throws {
        try AppRegistry(directory: api.directory).add(
            RegisteredApp(
                id: "id-\(name)",
                name: name,
                directory: folder,
                processes: [
                    DetectedProcess(
                        name: "p0",
                        ports: [
                            .init(label: "api", port: 5570), .init(label: "devUi", port: 5571),
                        ],
                    )
                ],
                now: "2026-01-01T00:00:00.000Z",
            )
        )
    }

    @Test func `the list has the original's shape`() async throws {
        try await APIFixture.with { api in
            try register(api, "shop", "/projects/shop")
            let answer = try await api.get("/api/apps")
            #expect(answer.status == 200)
            let apps = try #require(answer.json.array)
            #expect(Schema.array(AppSchemas.app).problem(with: answer.json) == nil)
            let app = try #require(apps.first)
            #expect(app["id"]?.string == "id-shop")
            #expect(app["repoPath"]?.string == "/projects/shop")
            #expect(app["processes"]?.array?.first?["ports"]?["api"]?.integer == 5570)
            // Served by the API, for there is only a development server besides.
            #expect(app["uiPort"]?.integer == 5570)
            #expect(app["overallStatus"]?.string == "not_started")
            #expect(app["degraded"] == .bool(false))
            let status = #"{"p0":{"name":"p0","status":"not_found","pm2_env":null}}"#
            #expect(app["pm2Status"]?.compact == status)
        }
    }

    @Test func `what was brought up and never registered is an app, too`() async throws {
        let shop = try SupervisedApp.make("shop", [.online, .stopped])
        try await APIFixture.with([shop]) { api in
            let answer = try await api.get("/api/apps")
            #expect(Schema.array(AppSchemas.app).problem(with: answer.json) == nil)
            let app = try #require(answer.json.array?.first)
            #expect(app["id"]?.string == "shop")
            #expect(app["overallStatus"]?.string == "online")
            #expect(app["processes"]?.array?.count == 2)
            #expect(app["supervised"]?["processes"]?.array?.count == 2)
        }
    }

    @Test func `a registered app and its processes are one`() async throws {
        let shop = try SupervisedApp.make("shop", [.online])
        let other = try SupervisedApp.make("other", [.errored], directory: "/projects/other")
        try await APIFixture.with([shop, other]) { api in
            try register(api, "Shop", "/projects/shop")
            let apps = try #require(try await api.get("/api/apps").json.array)
            #expect(apps.compactMap { $0["id"]?.string } == ["id-Shop", "other"])
            #expect(apps[0]["supervised"]?["name"]?.string == "shop")
            for name in ["id-Shop", "Shop", "shop"] {
                #expect(try await api.get("/api/apps/\(name)").status == 200, "\(name)")
            }
            #expect(try await api.get("/api/apps/none").status == 404)
        }
    }

    @Test(
        arguments: [
            ([.errored], "errored"), ([.online, .errored], "errored"),
            ([.online, .crashLooping], "crash-looping"), ([.stopped, .online], "online"),
            ([.stopped], "stopped"), ([.notStarted], "not_started"), ([], "not_started"),
            ([.starting, .online], "starting"), ([.unknown, .online], "unknown"),
        ] as [([ProcessState], String)]
    )
    func `a crash shows, whatever else runs`(states: [ProcessState], status: String) async throws {
        let shop = try SupervisedApp.make("shop", states)
        try await APIFixture.with([shop]) { api in
            let app = try await api.get("/api/apps/shop").json
            #expect(app["overallStatus"]?.string == status)
            #expect(app["degraded"] == .bool(status == "unknown"))
        }
    }

    @Test func `what can't be read is unknown, never empty`() async throws {
        var shop = try SupervisedApp.make("shop", [.stopped])
        shop.problem = "status.json can't be read."
        try await APIFixture.with([shop]) { api in
            let app = try await api.get("/api/apps/shop").json
            #expect(app["overallStatus"]?.string == "unknown")
            #expect(app["degraded"] == .bool(true))
        }
    }

    @Test func `a registry that can't be read is an error that names it`() async throws {
        try await APIFixture.with { api in
            let registry = AppRegistry(directory: api.directory)
            try api.directory.write("{", to: registry.path)
            let answer = try await api.get("/api/apps")
            #expect(answer.status == 500)
            #expect(answer.json["detail"]?.string?.contains("apps.json") == true)
        }
    }

    @Test(arguments: ["start", "stop", "restart"])
    func `a change reaches the supervisor and says what came of it`(verb: String) async throws {
        let shop = try SupervisedApp.make("shop", [.online, .errored])
        try await APIFixture.with([shop]) { api in
            let answer = try await api.post("/api/apps/shop/\(verb)")
            #expect(answer.status == 200)
            let expected =
                #"{"success":false,"results":{"p0":{"success":true,"state":"online"},"#
                + #""p1":{"success":false,"state":"errored","error":"It can't be started."}}}"#
            #expect(answer.json.compact == expected)
            _ = try await api.post("/api/apps/shop/\(verb)", #"{"process":"p1"}"#)
            #expect(await api.supervision.requests == ["\(verb) shop *", "\(verb) shop p1"])
        }
    }

    @Test func `an app that was never up can't be started, and says how it could`() async throws {
        try await APIFixture.with { api in
            try register(api, "shop", "/projects/shop")
            let answer = try await api.post("/api/apps/shop/start")
            #expect(answer.status == 409)
            #expect(answer.json["detail"]?.string?.contains("portless up") == true)
        }
    }

    @Test func `the supervisor's refusals have statuses of their own`() async throws {
        let shop = try SupervisedApp.make("shop", [.online])
        try await APIFixture.with([shop]) { api in
            for (error, status) in [
                (SupervisorError.unknownProcess(shop.name, "x", known: ["p0"]), 404),
                (.keeperFailed(shop.name, reason: "it is gone"), 502),
                (.unknownApp(shop.name), 409),
            ] {
                await api.supervision.refuse(error)
                let answer = try await api.post("/api/apps/shop/stop")
                #expect(answer.status == status)
            }
        }
    }

    @Test func `a plan is brought up`() async throws {
        let shop = try SupervisedApp.make("shop", [.online])
        try await APIFixture.with([shop]) { api in
            let plan = SupervisionPlan(
                app: shop.name,
                directory: "/projects/shop",
                processes: [
                    PlannedProcess(
                        name: "p0",
                        command: ["node", "server.js"],
                        directory: "/projects/shop",
                        environment: [:],
                    )
                ],
            )
            let body = JSONValue.object(["plan": plan.json, "only": .array([.string("p0")])])
            #expect(try await api.post("/api/up", body.compact).status == 200)
            #expect(await api.supervision.requests == [#"up shop ["p0"]"#])
            let lacking = try await api.post("/api/up", #"{"plan":{"app":"shop"}}"#)
            #expect(lacking.status == 400)
            let wrong = try await api.post(
                "/api/up",
                #"{"plan":{"app":"..","directory":"/","processes":[]}}"#,
            )
            #expect(wrong.status == 400)
            #expect(wrong.json["detail"]?.string?.contains("plan.app") == true)
        }
    }

    @Test(
        arguments: [
            ("xcode", "take_screenshots_macos.sh", "deploy.sh take_screenshots.sh"),
            ("macos-native", "take_screenshots_macos.sh", "deploy.sh"),
            ("ios-native", "", "deploy.sh take_screenshots.sh"), ("swift", "", ""),
        ]
    )
    func `an Xcode project is asked for its scripts`(
        type: String,
        missing: String,
        present: String,
    ) async throws {
        try await APIFixture.with { api in
            let folder = api.directory.path.appending("project")
            for name in ["deploy.sh", "take_screenshots.sh"] {
                try api.directory.path.write("project/\(name)", "")
            }
            try register(api, "app", folder)
            try register(api, "gone", "/no/such/folder")
            for app in try AppRegistry(directory: api.directory).list() {
                var app = app
                app.record["type"] = .string(type)
                try AppRegistry(directory: api.directory).remove(id: app.id)
                try AppRegistry(directory: api.directory).add(app)
            }
            func names(_ app: JSONValue, _ key: String) -> String {
                let scripts = app["xcodeScripts"]?[key]?.array ?? []
                return scripts.compactMap { $0["name"]?.string }.joined(separator: " ")
            }
            let app = try await api.get("/api/apps/app").json
            #expect(AppSchemas.app.problem(with: app) == nil)
            #expect(app["hasDeployScript"] == .bool(true))
            #expect(names(app, "missing") == missing)
            #expect(names(app, "present") == present)
            let gone = try await api.get("/api/apps/gone").json
            #expect(gone["hasDeployScript"] == .bool(false))
            #expect(gone["xcodeScripts"]?.compact == #"{"missing":[],"present":[]}"#)
        }
    }

    @Test func `names lead to the ports that they belong to`() async throws {
        try await APIFixture.with { api in
            try register(api, "shop", "/projects/shop")
            _ = try RoutesStore(directory: api.directory).register(
                [try #require(Hostname("shop.localhost"))],
                owner: .alias,
                choosingPort: { _ in 5570 },
            )
            let app = try await api.get("/api/apps/shop").json
            #expect(app["names"]?.compact == #"[{"label":"api","name":"shop.localhost"}]"#)
            let routes = try await api.get("/api/routes").json
            #expect(routes.array?.first?["url"]?.string == "https://shop.localhost:1355")
            #expect(routes.array?.first?["alias"] == .bool(true))
        }
    }
}
