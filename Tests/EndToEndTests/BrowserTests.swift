import Foundation
import Testing

extension EndToEnd {
    /// The managed browser, with Debian's Chromium.
    @Suite(.serialized) struct BrowserTests {}
}

/// A sandbox whose browser has ports of its own.
private struct BrowserSandbox {
    let sandbox: Sandbox
    let cdp: Int
    let health: Int

    static func with(_ body: (BrowserSandbox) async throws -> Void) async throws {
        let (cdp, health) = (try FreePort.next(), try FreePort.next())
        let changes = ["PORTLESS_CDP_PORT": "\(cdp)", "PORTLESS_CDP_HEALTH_PORT": "\(health)"]
        try await Sandbox.with(changes) { sandbox in
            try await body(BrowserSandbox(sandbox: sandbox, cdp: cdp, health: health))
        }
    }

    func start() async throws {
        let start = try await sandbox.portless("browser", "start")
        try #require(start.status == 0, "\(start.output)\(start.talk)")
    }

    /// 0 where nothing listens.
    func healthStatus() async throws -> Int {
        let url = "http://127.0.0.1:\(health)/health"
        let result = try await sandbox.start(
            ["curl", "-s", "-m", "10", "-o", "/dev/null", "-w", "%{http_code}", url]
        ).finished()
        return Int(result.output) ?? 0
    }

    /// The browser's main process, by its profile.
    var chromium: Int32? { processes.first?.id }

    var processes: [ProcessTable.Entry] {
        let profile = "--user-data-dir=\(sandbox.state.path())/browser/profile"
        return ProcessTable.all.filter {
            $0.arguments.contains(profile) && !$0.arguments.contains("--type=")
                && ProcessTable.exists($0.id)
        }
    }

    func serveShop() throws {
        try sandbox.write(
            """
            <title>Shop</title><body style="background: linear-gradient(red, blue)">
            <h1>Hello</h1><button>Save</button><img src="missing.png">
            <script>console.error("boom"); throw new Error("thrown")</script>
            """,
            to: "index.html",
        )
        _ = try sandbox.startPortless(
            "shop",
            "sh",
            "-c",
            "exec python3 -m http.server -b 127.0.0.1 $PORT",
        )
    }
}

extension EndToEnd.BrowserTests {
    @Test func `a page opens by its name, and strangers' certificates are refused`() async throws {
        try await BrowserSandbox.with { browser in
            let sandbox = browser.sandbox
            try browser.serveShop()
            try await sandbox.answer(sandbox.url("shop"))
            let open = try await sandbox.portless("browser", "open", "shop", "--json")
            #expect(open.status == 0, "\(open.talk)")
            #expect(open.output.contains("\"title\": \"Shop\""), "\(open.output)")
            let file = sandbox.root.appending(path: "shot.png").path()
            let shot = try await sandbox.portless("browser", "screenshot", "-o", file)
            #expect(shot.output == "\(file)\n", "\(shot.talk)")
            let colors = try await sandbox.start(["python3", Apps.path("png-colors.py"), file])
                .finished()
            let numbers = colors.output.split(whereSeparator: \.isWhitespace)
                .compactMap { Int($0) }
            try #require(numbers.count == 3, "\(colors.output)\(colors.talk)")
            #expect(numbers[0] == 1280 && numbers[2] > 100, "\(numbers)")

            let ports = [try FreePort.next(), try FreePort.next()]
            let strangers = try sandbox.start(
                ["python3", Apps.path("tls-strangers.py"), sandbox.state.path()]
                    + ports.map { "\($0)" }
            )
            try await eventually("strangers: \(strangers.talk)") {
                strangers.output.contains("ready") ? () : nil
            }
            for port in ports {
                // The API refuses addresses of this machine, so the DevTools' own port is asked.
                let base = "http://127.0.0.1:\(browser.cdp)/json/new?"
                _ = try await sandbox.curl("\(base)https://127.0.0.1:\(port)/", "-X", "PUT")
                try await eventually("an error page for \(port)") {
                    let pages = try await sandbox.curl(sandbox.api("/api/browser/pages")).body
                    // While it loads the tab has the URL, and then the name of the error page.
                    return pages.contains("chrome-error://")
                        || pages.contains("\"Privacy error\"") ? () : nil
                }
            }
            #expect(!strangers.output.contains("request"), "\(strangers.output)")
            for url in ["http://localhost:\(ports[0])/", "https://127.0.0.1:\(ports[0])/"] {
                let refused = try await sandbox.portless("browser", "open", url)
                #expect(
                    refused.status == 1 && refused.talk.contains("loopback"),
                    "\(refused.talk)",
                )
            }
        }
    }

    @Test func `it is restarted when it dies, outlives the server, and stops without a trace`()
        async throws
    {
        try await BrowserSandbox.with { browser in
            let sandbox = browser.sandbox
            try await sandbox.startServer()
            #expect(try await browser.healthStatus() == 0)
            #expect(try await sandbox.portless("browser", "status").status == 1)
            try await browser.start()
            let map = try await sandbox.curl(sandbox.api("/api/ports/map")).body
            let shown = "\"port\":\(browser.health),\"label\":\"health\""
            #expect(map.contains(shown + ",\"owner\":\"managed browser\",\"listening\":true"))
            #expect(try await browser.healthStatus() == 200)
            let rows = try await sandbox.table().ports.filter { $0.app == "portless-browser" }
            #expect(rows.map(\.label).sorted() == ["cdp", "health"])
            #expect(rows.allSatisfy { $0.owner?.address == "127.0.0.1" })
            let exposure = try await sandbox.curl(sandbox.api("/api/exposure")).body
            #expect(exposure.contains("\"port\":\(browser.cdp),\"label\":\"cdp\""), "\(exposure)")

            let first = try #require(browser.chromium)
            kill(first, SIGSTOP)
            #expect(try await browser.healthStatus() == 503)
            kill(first, SIGKILL)
            try await eventually("another browser is healthy") {
                let isAnother = browser.chromium.map { $0 != first } ?? false
                return try await browser.healthStatus() == 200 && isAnother ? () : nil
            }
            let second = try #require(browser.chromium)
            let daemon = try #require(sandbox.serverDaemonID)
            kill(daemon, SIGKILL)
            try await eventually("another server") {
                sandbox.serverDaemonID != daemon ? sandbox.serverDaemonID : nil
            }
            #expect(try await sandbox.portless("browser", "status").status == 0)
            #expect(browser.chromium == second)

            let stop = try await sandbox.portless("browser", "stop")
            #expect(stop.status == 0, "\(stop.talk)")
            #expect(browser.processes.isEmpty)
            #expect(try await browser.healthStatus() == 0)
            let profile = sandbox.state.appending(path: "browser").path()
            #expect(FileManager.default.fileExists(atPath: profile))
            // One that was ended by a signal leaves it.
            let lock = "\(profile)/profile/SingletonLock"
            #expect((try? FileManager.default.destinationOfSymbolicLink(atPath: lock)) == nil)
            let clean = try await sandbox.portless("clean")
            #expect(clean.status == 0, "\(clean.talk)")
            #expect(!FileManager.default.fileExists(atPath: profile))
        }
    }

    private static let hasScreen = ["Xvfb", "xwininfo"].allSatisfy { name in
        FileManager.default.isExecutableFile(atPath: "/usr/bin/\(name)")
    }

    @Test(.enabled(if: Self.hasScreen, "takes Xvfb and xwininfo"))
    func `it has a window where there is a display, and none without`() async throws {
        try await BrowserSandbox.with { browser in
            var sandbox = browser.sandbox
            let screen = try sandbox.start([
                "Xvfb", "-displayfd", "1", "-screen", "0", "1000x800x24", "-nolisten", "tcp",
            ])
            defer { screen.send(SIGTERM) }
            let number = try await eventually("there is a display") {
                screen.output.hasSuffix("\n") ? Int(screen.output.dropLast()) : nil
            }
            sandbox.environment["DISPLAY"] = ":\(number)"
            try browser.serveShop()
            try await sandbox.answer(sandbox.url("shop"))
            let open = try await sandbox.portless("browser", "open", "shop")
            #expect(open.status == 0, "\(open.talk)")
            let status = try await sandbox.portless("browser", "status", "--json").output
            #expect(status.contains("\"headless\": false"), "\(status)")
            try await eventually("the window has the page's title") {
                let windows = try await sandbox.start(["xwininfo", "-root", "-tree"]).finished()
                return windows.output.contains("\"Shop - Chrom") ? () : nil
            }
            try await sandbox.portless("browser", "stop")
            let hidden = try await sandbox.portless("browser", "start", "--headless", "--json")
            #expect(hidden.output.contains("\"headless\": true"), "\(hidden.output)")
        }
    }

    @Test func `a stranger on its port is named, and nothing is started`() async throws {
        try await BrowserSandbox.with { browser in
            let sandbox = browser.sandbox
            let stranger = try sandbox.start([
                "python3", "-m", "http.server", "-b", "127.0.0.1", "\(browser.cdp)",
            ])
            try await eventually("the stranger answers") {
                try? await sandbox.curl("http://127.0.0.1:\(browser.cdp)/")
            }
            let start = try await sandbox.portless("browser", "start")
            #expect(start.status == 1)
            #expect(start.talk.contains("(\(stranger.processID))"), "\(start.talk)")
            #expect(try await browser.healthStatus() == 0)
            let none = try await sandbox.portless("browser", "start", "--program", "no-such-thing")
            #expect(none.status == 1 && none.talk.contains("no-such-thing"), "\(none.talk)")
            stranger.send(SIGTERM)
        }
    }

    @Test func `an agent opens a page and sees it; another only looks`() async throws {
        try await BrowserSandbox.with { browser in
            let sandbox = browser.sandbox
            try browser.serveShop()
            try await sandbox.answer(sandbox.url("shop"))
            let result = try await sandbox.start([
                "python3", Apps.path("mcp_browser.py"), Binary.path, "shop",
            ]).finished(within: .seconds(120))
            #expect(result.status == 0, "\(result.output)\(result.talk)")
            let lines = result.output.split(separator: "\n").map(String.init)
            for expected in [
                #"""
                {"name": "looks", "value": ["browser_accessibility", "browser_console", \#
                "browser_screenshot", "browser_status"]}
                """#, #"{"name": "opened", "value": "Shop"}"#,
                #"{"name": "status", "value": "healthy"}"#,
                #"{"name": "picture", "value": ["image", "image/png", true, false]}"#,
                #"{"name": "console", "value": ["console", "exception", "request"]}"#,
                #"{"name": "tree", "value": true}"#, #"{"name": "refused", "value": [true, true]}"#,
            ] { #expect(lines.contains(expected), "\(expected) in \(result.output)") }
            #expect(lines.contains { $0.contains(#""absent", "value": [true"#) })
        }
    }
}
