import HostSystem
import SystemPackage
import TestSupport
import Testing

@testable import PortlessCore

struct AppRegistryTests {
    private let processes = [
        DetectedProcess(name: "shop-api", ports: [.init(label: "api", port: 5570)]),
        DetectedProcess(
            name: "shop-browser",
            ports: [.init(label: "cdp", port: 5556), .init(label: "health", port: 5557)],
        ),
        DetectedProcess(name: "shop-ui", ports: [.init(label: "devUi", port: 5571)]),
        DetectedProcess(name: "worker"),
    ]

    private func app(
        _ id: String,
        directory: FilePath = "/src/shop",
        now: String = "2026",
    ) -> RegisteredApp {
        RegisteredApp(id: id, name: "shop", directory: directory, processes: processes, now: now)
    }

    @Test
    func `processes show their ports as the original does`() {
        #expect(
            app("1").processes.map(\.portText) == [
                "shop-api:5570", "shop-browser (cdp:5556,health:5557)", "shop-ui:5571", "worker",
            ]
        )
    }

    @Test
    func `an API that serves the built pages is the UI in production`() {
        #expect(app("1").record["uiPort"]?.integer == 5570)
        #expect(app("1").record["devUiPort"]?.integer == 5571)
    }

    @Test
    func `apps are kept, replaced by directory and removed, unknown fields surviving`() throws {
        try TemporaryDirectory.with { path in
            let registry = AppRegistry(directory: StateDirectory(path: path))
            #expect(try registry.list() == [])
            var first = app("1")
            first.record["jira"] = .string("X")
            first.describe(.object([:]))
            first.record["editorCommand"] = .string("xed .")
            try registry.add(first)
            var second = app("2", now: "2027")
            second.describe(.object([:]))
            let again = try registry.add(second)
            #expect(again.id == "1")
            let stored = try #require(try registry.find("SHOP").first)
            #expect(stored.record["jira"] == .string("X"))
            #expect(stored.record["createdAt"] == .string("2026"))
            #expect(stored.record["editorCommand"] == .string("xed ."))
            #expect(stored.record["type"] == .string("unknown"))
            #expect(stored.record["updatedAt"] == .string("2027"))
            #expect(stored.processes.map(\.name) == processes.map(\.name))
            #expect(try registry.remove(id: "1")?.id == "1")
            #expect(try registry.list() == [])
        }
    }

    @Test
    func `a directory is one app's`() throws {
        try TemporaryDirectory.with { path in
            let registry = AppRegistry(directory: StateDirectory(path: path))
            try registry.insert(app("1"))
            let taken = AppRegistry.Failure.taken("/src/shop", name: "shop", id: "1")
            #expect(throws: taken) { try registry.insert(app("2")) }
            try registry.insert(app("2", directory: "/src/blog"))
            #expect(throws: taken) {
                try registry.update(id: "2") { $0.record["repoPath"] = .string("/src/shop") }
            }
            #expect(try registry.update(id: "3") { _ in } == nil)
            let blog = try registry.update(id: "2") { $0.record["name"] = .string("blog") }
            #expect(blog?.name == "blog")
            #expect(try registry.list().map(\.name) == ["blog", "shop"])
        }
    }

    @Test
    func `a change that is none leaves the file as it is`() throws {
        try TemporaryDirectory.with { path in
            let registry = AppRegistry(directory: StateDirectory(path: path))
            try registry.insert(app("1"))
            let before = try FileStatus.of(registry.path)
            _ = try registry.update(id: "1") { _ in }
            try registry.remove(id: "2")
            #expect(try FileStatus.of(registry.path) == before)
        }
    }

    @Test
    func `what files declare is refreshed, and what is the user's own stays`() {
        var app = app("1")
        app.record["uiPort"] = .integer(9000)
        app.refresh(
            processes: [DetectedProcess(name: "web", ports: [.init(label: "api", port: 6)])],
            pm2Home: nil,
        )
        #expect(app.name == "shop")
        #expect(app.directory == "/src/shop")
        #expect(app.record["uiPort"]?.integer == 9000)
        #expect(app.record["apiPort"]?.integer == 6)
        // No file tells it any more, though one did.
        #expect(app.record["devUiPort"] == .null)
        #expect(app.record["pm2ProcessNames"]?.compact == #"["web"]"#)
        let before = app
        app.refresh(processes: [], pm2Home: nil)
        #expect(app == before)
    }

    @Test(arguments: ["", "[]", #"{"apps": {"a": 1}}"#, #"{"apps": []}"#])
    func `a file that can't be understood is an error, never an empty registry`(
        text: String
    ) throws {
        try TemporaryDirectory.with { path in
            let registry = AppRegistry(directory: StateDirectory(path: path))
            try registry.directory.write(text, to: registry.path)
            #expect(throws: AppRegistry.Failure.self) { try registry.list() }
            #expect(throws: AppRegistry.Failure.self) { try registry.add(app("1")) }
        }
    }
}
