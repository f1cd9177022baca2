import Foundation
import Testing

extension EndToEnd {
    /// Apps that start with the first request for one of their names, and end when idle.
    @Suite struct OnRequestTests {}
}

extension EndToEnd.OnRequestTests {
    @Test func `fifty first requests start an app once, and a browser gets the page, then the app`()
        async throws
    {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("proxy", "start", "--no-tls")
            let wait = "until [ -e go ]; do sleep 0.1; done; exec python3 \"$0\""
            try sandbox.writeCounting(
                program: ["sh", "-c", wait, Apps.path("moody.py")],
                extra: #", "start": "on-request""#,
            )
            let added = try await sandbox.portless("apps", "add", ".")
            #expect(added.output.contains("shop starts on request"), "\(added.talk)")
            let list = try await sandbox.portless("list")
            #expect(
                list.output.contains("http://shop.localhost:\(sandbox.port)  starts on request")
            )
            #expect(try await sandbox.portless("ps").output.contains("on request"))
            let url = sandbox.url("shop", scheme: "http")
            // What a browser asks for by itself starts nothing.
            #expect(try await sandbox.curl(url + "/favicon.ico").status == 503)
            let page = try await sandbox.curl(
                url,
                "-H",
                "Accept: text/html",
                "-H",
                "Purpose: prefetch",
            )
            #expect(page.status == 503 && !sandbox.hasStarted)

            let clients = try (0..<50).map { _ in
                try sandbox.start(["curl", "-sS", "--noproxy", "*", url + "/"])
            }
            let visit = try await sandbox.curl(url, "-H", "Accept: text/html,*/*")
            #expect(visit.status == 503 && visit.body.contains("shop.localhost is starting"))
            try sandbox.write("", to: "go")
            for client in clients {
                let result = try await client.finished()
                #expect(result.output == "fine", "\(result.talk)")
            }
            #expect(sandbox.starts == 1)
            #expect(try await sandbox.curl(url, "-H", "Accept: text/html").status == 200)

            // Its user takes it down: a page that is still open doesn't start it, a visit does.
            try await sandbox.portless("down")
            let ping = try await sandbox.curl(url, "-H", "Sec-Fetch-Mode: cors", "-m", "10")
            #expect(ping.status == 503 && sandbox.starts == 1)
            #expect(try await sandbox.curl(url).body == "fine")
            #expect(sandbox.starts == 2)
            // By hand again.
            let set = try await sandbox.portless("apps", "set", "shop", "--start", "manual")
            #expect(set.output.contains("started by hand"), "\(set.talk)")
            try await sandbox.portless("down")
            #expect(try await sandbox.curl(url).status == 404)
        }
    }

    @Test func `only what requests have started is stopped, and not while a WebSocket is open`()
        async throws
    {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("proxy", "start")
            try sandbox.writeCounting(program: ["node", Apps.path("websocket-server.js")])
            try await sandbox.portless("apps", "add", ".")
            let set = try await sandbox.portless(
                "apps",
                "set",
                "shop",
                "--start",
                "on-request",
                "--idle",
                "2s",
            )
            #expect(set.output.contains("stops after 2s without one"), "\(set.talk)")
            let go = sandbox.root.appending(path: "go").path()
            let socket = try sandbox.start([
                "python3", Apps.path("websocket-hold.py"),
                "wss://shop.localhost:\(sandbox.port)/", sandbox.authority, go,
            ])
            try await eventually("the WebSocket is open") {
                socket.output.contains("open") ? true : nil
            }
            try await Task.sleep(for: .seconds(6))
            #expect(try await sandbox.state() == "online")
            // The next server goes on where the one that was killed was.
            kill(try #require(sandbox.serverDaemonID), SIGKILL)
            try Data().write(to: URL(filePath: go))
            #expect(try await socket.finished().output.contains("echoed"))
            try await eventually("it is stopped") {
                try await sandbox.state() == "stopped" ? true : nil
            }
            #expect(try await sandbox.curl(sandbox.url("shop")).body == "websocket")
            #expect(sandbox.starts == 2)
            // What a person has running from now on stays.
            #expect(try await sandbox.portless("up").status == 0)
            try await Task.sleep(for: .seconds(6))
            #expect(try await sandbox.state() == "online" && sandbox.starts == 2)
            try await sandbox.portless("down")
        }
    }

    @Test func `a start that fails is shown with its last lines, and isn't repeated at once`()
        async throws
    {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("proxy", "start", "--no-tls")
            try sandbox.writeCounting(
                program: ["sh", "-c", "echo boom '<b>' >&2; exit 7"],
                extra: #", "start": "on-request""#,
                process: #", "autorestart": false"#,
            )
            try await sandbox.portless("apps", "add", ".")
            let url = sandbox.url("shop", scheme: "http")
            let text = try await sandbox.curl(url, "-m", "30")
            #expect(text.status == 502)
            #expect(text.body.contains("It exited with code 7.") && text.body.contains("boom <b>"))
            for _ in 0..<20 {
                let page = try await sandbox.curl(url, "-H", "Accept: text/html")
                #expect(page.status == 502 || page.status == 503)
            }
            let page = try await eventually("the page") {
                let page = try await sandbox.curl(url, "-H", "Accept: text/html")
                return page.status == 502 ? page : nil
            }
            #expect(page.body.contains("boom &lt;b&gt;"))
            #expect(sandbox.starts == 1)
            // It is repaired, and a later request starts it.
            try sandbox.writeCounting(extra: #", "start": "on-request""#)
            try await sandbox.portless("apps", "set", "shop", "--start", "on-request")
            try await eventually("it answers") {
                try await sandbox.curl(url).body == "fine" ? true : nil
            }
            try await sandbox.portless("server", "stop")
            try await sandbox.portless("down")
        }
    }

    @Test func `kills of keeper, server and proxy in the middle cost no request`() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("proxy", "start", "--no-tls")
            try sandbox.writeCounting(listenAfter: 3, extra: #", "start": "on-request""#)
            try await sandbox.portless("apps", "add", ".")
            let url = sandbox.url("shop", scheme: "http")
            let waiting = try sandbox.start(["curl", "-sS", "--noproxy", "*", url])
            try await eventually("it has begun") { sandbox.hasStarted ? true : nil }
            kill(try sandbox.keeperID("shop"), SIGKILL)
            kill(try #require(sandbox.serverDaemonID), SIGKILL)
            #expect(try await waiting.finished().output == "fine")
            kill(try #require(sandbox.proxyDaemonID), SIGKILL)
            try await eventually("the next proxy serves") {
                let answer = try? await sandbox.curl(url)
                return answer?.body == "fine" ? true : nil
            }
            #expect(sandbox.starts == 1)

            // Without a server nothing is started, and the answer says what to do.
            try await sandbox.portless("down")
            try await sandbox.portless("server", "stop")
            let answer = try await sandbox.curl(url)
            #expect(answer.status == 502)
            #expect(answer.body.contains("portless server start"), "\(answer.body)")
            try await sandbox.portless("server", "start")
            try await eventually("it answers") {
                try await sandbox.curl(url).body == "fine" ? true : nil
            }
            try await sandbox.portless("down")
        }
    }
}
