import Testing

@testable import portless

@Suite struct ServerGrammarTests {
    private func action(_ line: String) throws -> Invocation.Action {
        try Invocation(arguments: line.split(separator: " ").map(String.init)).action
    }

    @Test(arguments: [
        "server", "server --help", "server -h", "server start", "server start --host 0.0.0.0",
        "server start --host=0.0.0.0 --foreground", "server stop", "server stop --help",
        "server status", "server status --json", "server cert", "server cert --force",
    ])
    func `the server's own grammar is the server's`(line: String) throws {
        let words = line.split(separator: " ").dropFirst().map(String.init)
        #expect(try action(line) == .command(["server"] + words))
    }

    @Test(arguments: [
        "server node server.js", "server npm start", "server start.sh",
        "server start --port 3000", "server start server.js", "server stop now",
        "server status 200", "server cert generate", "server -- start", "server ./start",
        "server --app-port 4000 node s.js",
    ])
    func `anything else runs an app that is called server`(line: String) throws {
        guard case .run(let request) = try action(line) else {
            Issue.record("\(line) is an app")
            return
        }
        #expect(request.naming == .exactly("server"))
    }

    @Test(arguments: [
        "dashboard", "dashboard --no-open", "dashboard --help", "dashboard --dev",
        "dashboard --dev Dashboard",
    ])
    func `the dashboard's own grammar is the dashboard's`(line: String) throws {
        let words = line.split(separator: " ").dropFirst().map(String.init)
        #expect(try action(line) == .command(["dashboard"] + words))
    }

    @Test(arguments: ["dashboard next dev", "dashboard vite", "dashboard node --no-open"])
    func `anything else runs an app that is called dashboard`(line: String) throws {
        guard case .run(let request) = try action(line) else {
            Issue.record("\(line) is an app")
            return
        }
        #expect(request.naming == .exactly("dashboard"))
    }

    @Test func `a name says that the app is meant`() throws {
        guard case .run(let request) = try action("--name server start") else {
            Issue.record("an app was named")
            return
        }
        #expect(request.command == ["start"])
    }
}
