import Browser
import HTTPTypes
import PortlessCore
import SystemPackage
import Testing

@testable import Server

@Suite struct BrowserOperationsTests {
    @Test func `a browser that was never started has standard ports and is unhealthy`()
        async throws
    {
        try await APIFixture.with { api in
            let status = try await api.get("/api/browser/status").json
            #expect(status["connected"]?.bool == false)
            #expect(status["cdpPort"]?.integer == 5556)
            #expect(status["healthPort"]?.integer == 5557)
            #expect(status["state"]?.string == "not-started")
            for path in ["pages", "version", "screenshot", "console", "accessibility"] {
                let answer = try await api.get("/api/browser/\(path)")
                #expect(answer.status == 409 && answer.code == "NOT_RUNNING", "\(path)")
            }
            #expect(try await api.post("/api/browser/stop").code == "NOT_RUNNING")
            #expect(try await api.post("/api/browser/launch").code == "NO_BROWSER")
        }
    }

    @Test func `the ports are those that the browser was given`() async throws {
        var process = SupervisedProcess(name: BrowserPorts.process, state: .stopped)
        process.ports = [.init(label: "cdp", port: 6000), .init(label: "health", port: 6001)]
        let app = SupervisedApp(
            name: try AppName(parsing: BrowserPorts.app),
            directory: "/s",
            processes: [process],
        )
        try await APIFixture.with([app]) { api in
            let status = try await api.get("/api/browser/status").json
            #expect(status["cdpPort"]?.integer == 6000)
            #expect(try await api.get("/api/browser/config").json["healthPort"]?.integer == 6001)
            #expect(try await api.get("/api/browser/process").json["status"]?.string == "stopped")
            #expect(try await api.post("/api/browser/stop").status == 200)
            #expect(await api.supervision.requests == ["stop portless-browser *"])
        }
    }

    @Test func `settings are changed, ports aren't, and only the token may`() async throws {
        try await APIFixture.with { api in
            func put(_ body: String) async throws -> APIFixture.Answer {
                try await api.change(.put, "/api/browser/config", body)
            }
            let changed = try await put(#"{"headless":true,"downloadDir":"/tmp/d","cdpPort":5556}"#)
            #expect(changed.status == 200, "\(changed.text)")
            #expect(changed.json["headless"]?.bool == true)
            #expect(try await api.get("/api/browser/config").json == changed.json)
            #expect(try await put(#"{"headless":null}"#).json["headless"] == .null)
            for body in [
                #"{"cdpPort":9222}"#, #"{"healthPort":1}"#, #"{"cdpHost":"0.0.0.0"}"#,
                #"{"userDataDir":"/home/ann/.config/chrome"}"#, #"{"chromePath":"chrome"}"#,
                #"{"headless":"yes"}"#, #"{"other":1}"#,
            ] { #expect(try await put(body).status == 400, "\(body)") }
            let bare = try await api.ask(
                .put,
                "/api/browser/config",
                [.contentType: "application/json"],
                "{}",
            )
            #expect(bare.status == 401)
        }
    }

    @Test func `navigation is refused before any browser is asked`() async throws {
        try await APIFixture.with { api in
            for url in [
                "http://127.0.0.1", "file:///etc/passwd", "http://localhost:5555/",
                "https://shop.localhost:5432",
            ] {
                let answer = try await api.post("/api/browser/navigate", "{\"url\":\"\(url)\"}")
                #expect(answer.status == 400 && answer.code == "NAVIGATION_REFUSED", "\(url)")
            }
            let ours = try await api.post(
                "/api/browser/navigate",
                #"{"url":"https://shop.localhost:1355"}"#,
            )
            #expect(ours.code == "NOT_RUNNING")
        }
    }
}
