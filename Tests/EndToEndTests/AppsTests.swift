import Foundation
import Testing

extension EndToEnd {
    /// `portless apps`: the registry on the command line.
    @Suite struct AppsTests {}
}

extension EndToEnd.AppsTests {
    private struct App: Decodable {
        struct Endpoint: Decodable, Equatable {
            let process: String
            let label: String
            let port: Int
        }

        struct Name: Decodable {
            let label: String
            let name: String
        }

        let id: String
        let name: String
        let repoPath: String
        let apiPort: Int?
        let endpoints: [Endpoint]
        let names: [Name]
    }

    private func apps(_ sandbox: Sandbox) async throws -> [App] {
        let result = try await sandbox.portless("apps", "--json")
        return try JSONDecoder().decode([App].self, from: Data(result.output.utf8))
    }

    private func write(_ sandbox: Sandbox, api: Int) throws {
        try sandbox.write(
            """
            module.exports = { apps: [
              { name: "shop-api", env: { PORT: \(api) } },
              { name: "shop-browser", env: { CDP_PORT: \(api + 1), PORT: \(api + 2) } },
              { name: "shop-worker" },
            ] };
            """,
            to: "ecosystem.config.cjs",
        )
    }

    @Test func `an app is shown before it is stored, listed, updated and forgotten`() async throws {
        try await Sandbox.with { sandbox in
            #expect(try await sandbox.portless("apps").output.contains("No apps are registered."))
            let port = try FreePort.block(6).lowerBound
            try write(sandbox, api: port)
            let added = try await sandbox.portless("apps", "add")
            #expect(added.status == 0)
            #expect(added.output.contains("shop-api      api     \(port)  ecosystem.config.cjs:2"))
            #expect(added.talk.contains("Added project ("))
            let list = try await sandbox.portless("apps").output
            #expect(
                list == """
                    project  \(sandbox.project.path().dropLast(sandbox.project.path().hasSuffix("/") ? 1 : 0))
                      shop-api:\(port)
                      shop-browser (cdp:\(port + 1),health:\(port + 2))
                      shop-worker

                    """
            )
            let first = try #require(try await apps(sandbox).first)
            #expect(first.endpoints.map(\.label) == ["api", "cdp", "health"])
            #expect(first.apiPort == port)
            try write(sandbox, api: port + 3)
            let again = try await sandbox.portless("apps", "add", ".")
            #expect(again.talk.contains("Updated project (\(first.id))."))
            let second = try await apps(sandbox)
            #expect(second.map(\.id) == [first.id])
            #expect(second.first?.apiPort == port + 3)
            try sandbox.write("module.exports = {\n  apps: [{", to: "ecosystem.config.js")
            let broken = try await sandbox.portless("apps", "add", ".")
            #expect(broken.status == 1)
            #expect(broken.talk.contains("Error: ecosystem.config.js:2 of project can't be read"))
            #expect(try await apps(sandbox).first?.apiPort == port + 3)
            let removed = try await sandbox.portless("apps", "remove", "project")
            #expect(removed.output == "Removed project (\(first.id)).\n")
            #expect(try await apps(sandbox).isEmpty)
            let unknown = try await sandbox.portless("apps", "show", "project")
            #expect(unknown.status == 1)
            #expect(unknown.talk.contains("No app \"project\" is registered."))
        }
    }

    @Test func `an app that runs shows who listens and which names lead there`() async throws {
        try await Sandbox.with { sandbox in
            let port = try FreePort.next()
            try sandbox.write("{\"name\": \"shop\", \"appPort\": \(port)}", to: "portless.json")
            try await sandbox.portless("apps", "add", ".")
            _ = try sandbox.startPortless("run", "node", Apps.path("node-http.js"))
            try await sandbox.answer(sandbox.url("shop"))
            let app = try #require(try await apps(sandbox).first)
            #expect(app.names.map(\.name) == ["shop.localhost"])
            let shown = try await sandbox.portless("apps", "show", "SHOP").output
            #expect(shown.contains("listening"))
            #expect(shown.contains("node ("))
            #expect(shown.contains("shop.localhost"))
        }
    }

    @Test func `apps of one name are told apart by their ids`() async throws {
        try await Sandbox.with { sandbox in
            for folder in ["a", "b"] {
                try sandbox.write("{\"name\": \"twin\"}", to: "\(folder)/package.json")
                try await sandbox.portless("apps", "add", folder)
            }
            let both = try await apps(sandbox)
            #expect(both.count == 2)
            let unclear = try await sandbox.portless("apps", "remove", "twin")
            #expect(unclear.status == 1)
            for app in both { #expect(unclear.talk.contains(app.id)) }
            #expect(try await sandbox.portless("apps", "remove", both[0].id).status == 0)
            #expect(try await apps(sandbox).map(\.id) == [both[1].id])
        }
    }

    @Test func `parallel registrations are all kept`() async throws {
        try await Sandbox.with { sandbox in
            let names = (0..<20).map { "app\($0)" }
            for name in names { try sandbox.write("PORT=\(9000)", to: "\(name)/.env") }
            let programs = try names.map { try sandbox.startPortless("apps", "add", $0) }
            for program in programs { #expect(try await program.finished().status == 0) }
            #expect(try await apps(sandbox).map(\.name).sorted() == names.sorted())
        }
    }
}
