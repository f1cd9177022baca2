import Foundation
import Testing

extension EndToEnd {
    /// What starts an app on request, what starts with it, and who keeps it from being idle.
    @Suite struct OnRequestStartTests {}
}

extension EndToEnd.OnRequestStartTests {
    @Test func `a label's name under another TLD starts its app, after the app that it needs`()
        async throws
    {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("proxy", "start", "--no-tls", "--tld", "test")
            try sandbox.writeCounting("auth", in: "auth", extra: #", "start": "on-request""#)
            try sandbox.write(
                """
                {"name": "shop", "start": "on-request", "idle": "2s", "depends_on": "auth",
                 "processes": {"web": {"command": "node \(Apps.path("two-ports.js"))",
                               "ports": ["ui", "api"]}}}
                """,
                to: "shop/portless.json",
            )
            for folder in ["auth", "shop"] {
                let added = try await sandbox.portless("apps", "add", folder)
                #expect(added.output.contains("starts on request"), "\(added.talk)")
            }
            let list = try await sandbox.portless("list").output
            #expect(list.contains("http://api.shop.test:\(sandbox.port)  starts on request"))
            #expect(list.contains("http://auth.test:\(sandbox.port)  starts on request"))

            // Their names under the usual TLD are none of this proxy's.
            #expect(try await sandbox.ask("shop.localhost").status == 404)
            let strange = try await sandbox.ask("other.shop.test")
            #expect(strange.status == 404, "\(strange.body)")
            #expect(try await sandbox.state("shop") != "online")
            let answer = try await sandbox.ask("api.shop.test")
            #expect(answer.status == 200, "\(answer.body)")
            let begin = try await sandbox.startTimes()
            let auth = try #require(begin["auth"])
            let shop = try #require(begin["shop"])
            #expect(auth <= shop)

            // No request reaches auth, which has to go on for as long as shop does.
            for _ in 0..<12 {
                #expect(try await sandbox.ask("shop.test").status == 200)
                try await Task.sleep(for: .milliseconds(500))
            }
            #expect(try await sandbox.state("auth") == "online")
            #expect(sandbox.starts(in: "auth") == 1)
            for app in ["shop", "auth"] {
                try await eventually("\(app) is idle") {
                    try await sandbox.state(app) == "stopped" ? true : nil
                }
            }
            #expect(try await sandbox.ask("auth.test").body == "fine")
            #expect(try await sandbox.state("shop") != "online")
            for app in ["shop", "auth"] { try await sandbox.portless("down", app) }
        }
    }

    @Test func `what the API, an agent or restart has started is never stopped for being idle`()
        async throws
    {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("proxy", "start", "--no-tls")
            let apps = ["api", "agent", "again", "asked"]
            for app in apps {
                try sandbox.writeCounting(
                    app,
                    in: app,
                    extra: #", "start": "on-request", "idle": "1s""#,
                )
                let added = try await sandbox.portless("apps", "add", app)
                #expect(added.output.contains("stops after 1s"), "\(added.talk)")
            }
            let byAPI = try await sandbox.change("/api/apps/api/start")
            #expect(byAPI.status == 200, "\(byAPI.body)")
            let byAgent = try await sandbox.start([
                "python3", Apps.path("mcp_call.py"), Binary.path, sandbox.project.path(),
                "start_app", #"{"app": "agent"}"#,
            ]).finished(within: .seconds(60))
            #expect(byAgent.output.contains("success"), "\(byAgent.output)\(byAgent.talk)")
            let again = try await sandbox.portless("restart", "again")
            #expect(again.status == 0, "\(again.talk)")
            for app in apps {
                try await eventually("\(app) answers") {
                    try await sandbox.curl(sandbox.url(app, scheme: "http")).body == "fine"
                        ? true : nil
                }
            }
            try await eventually("the one that a request has started is stopped") {
                try await sandbox.state("asked") == "stopped" ? true : nil
            }
            try await Task.sleep(for: .seconds(3))
            for app in apps.dropLast() {
                #expect(try await sandbox.state(app) == "online", "\(app)")
                #expect(sandbox.starts(in: app) == 1, "\(app)")
            }
            for app in apps { try await sandbox.portless("down", app) }
        }
    }

    @Test func `without a server a page says what to do, and the next proxy starts one`()
        async throws
    {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("proxy", "start", "--no-tls")
            try sandbox.writeCounting(extra: #", "start": "on-request""#)
            try await sandbox.portless("apps", "add", ".")
            try await sandbox.portless("server", "stop")
            let url = sandbox.url("shop", scheme: "http")
            let page = try await eventually("the page") {
                let page = try await sandbox.curl(url, "-H", "Accept: text/html")
                return page.status == 502 ? page : nil
            }
            #expect(page.body.contains("portless server start"), "\(page.body)")
            #expect(sandbox.starts == 0)

            try await sandbox.portless("proxy", "stop")
            #expect(sandbox.serverDaemonID == nil)
            let start = try await sandbox.portless("proxy", "start", "--no-tls")
            #expect(start.status == 0, "\(start.talk)")
            #expect(try await sandbox.curl(url).body == "fine")
            #expect(sandbox.starts == 1)
            try await sandbox.portless("down")
        }
    }
}

extension Sandbox {
    /// Asks the proxy for a name that the system doesn't resolve.
    fileprivate func ask(_ host: String) async throws -> Response {
        try await curl("http://127.0.0.1:\(port)/", "-H", "Host: \(host):\(port)")
    }

    /// When the first process of each app began, in milliseconds.
    fileprivate func startTimes() async throws -> [String: Int] {
        let result = try await portless("ps", "--json")
        let apps = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        var times: [String: Int] = [:]
        for app in apps as? [[String: Any]] ?? [] {
            let processes = app["processes"] as? [[String: Any]]
            guard let name = app["name"] as? String else { continue }
            times[name] = (processes?.first?["startedAt"] as? NSNumber)?.intValue
        }
        return times
    }
}
