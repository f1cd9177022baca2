import SystemPackage
import TestSupport
import Testing

@testable import PortlessCore

struct AppRegistryTests {
    private let detected = DetectedProject(
        name: "shop",
        processes: [
            DetectedProcess(name: "shop-api", ports: [.init(label: "api", port: 5570)]),
            DetectedProcess(
                name: "shop-browser",
                ports: [.init(label: "cdp", port: 5556), .init(label: "health", port: 5557)],
            ),
            DetectedProcess(name: "shop-ui", ports: [.init(label: "devUi", port: 5571)]),
            DetectedProcess(name: "worker"),
        ],
    )

    private func app(_ id: String, now: String = "2026") -> RegisteredApp {
        RegisteredApp(id: id, directory: "/src/shop", detected: detected, now: now)
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
            #expect(stored.processes.map(\.name) == detected.processes.map(\.name))
            #expect(try registry.remove(id: "1")?.id == "1")
            #expect(try registry.list() == [])
        }
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
