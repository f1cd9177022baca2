import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Projects

@Suite struct ProjectConfigurationTests {
    private func read(_ text: String) throws -> ProjectConfiguration {
        try TemporaryDirectory.with { folder in
            try folder.write("portless.json", text)
            return try ProjectConfiguration.load(in: folder)
        }
    }

    @Test func `every key is read`() throws {
        let configuration = try read(
            """
            {"name": "shop", "script": "start", "appPort": 4000, "proxy": false, "turbo": false,
             "apps": {"./apps/web/": {"name": "www"}}}
            """
        )
        #expect(configuration.app.name == "shop")
        #expect(configuration.app.script == "start")
        #expect(configuration.app.appPort == 4000)
        #expect(configuration.app.isProxied == false)
        #expect(configuration.apps.keys.sorted() == ["apps/web"])
        #expect(configuration.unknownKeys == [])
    }

    @Test func `how an app starts and ends is read`() throws {
        let app = try read(
            #"{"start": "on-request", "idle": "1h30m", "depends_on": ["auth", "mail.shop"]}"#
        ).app
        #expect(app.onRequest == OnRequest(idle: .seconds(5400)))
        #expect(app.dependencies.map(\.description) == ["auth", "mail.shop"])
        #expect(try read(#"{"start": "on-request", "idle": "never"}"#).app.onRequest == OnRequest())
        #expect(try read(#"{"start": "manual", "idle": "5m"}"#).app.onRequest == nil)
        #expect(try read(#"{"depends_on": "auth"}"#).app.dependencies.count == 1)
    }

    @Test func `unknown keys are told with their place`() throws {
        let configuration = try read(
            "{\"nmae\": \"x\", \"$schema\": \"s\", \"apps\": {\"web\": {\"port\": 1}}}"
        )
        #expect(configuration.unknownKeys == ["apps.web.port", "nmae"])
    }

    @Test(arguments: [
        ("{\"name\": \" \"}", "name"), ("{\"script\": []}", "script"),
        ("{\"appPort\": 1.5}", "appPort"), ("{\"appPort\": 65536}", "appPort"),
        ("{\"start\": true}", "start"), ("{\"start\": \"always\"}", "start"),
        ("{\"idle\": 30}", "idle"), ("{\"idle\": \"0s\"}", "idle"),
        ("{\"idle\": \"99999999999999999999d\"}", "idle"), ("{\"idle\": \"-5m\"}", "idle"),
        ("{\"depends_on\": {}}", "depends_on"), ("{\"depends_on\": [\"a b\"]}", "depends_on"),
        ("{\"proxy\": 1}", "proxy"), ("{\"apps\": []}", "apps"), ("{\"turbo\": \"x\"}", "turbo"),
        ("{\"apps\": {\"a\": {\"name\": 1}}}", "apps.a.name"),
        ("{\"apps\": {\"a\": 1}}", "apps.a"),
        ("{\"ports\": 5570}", "ports"), ("{\"ports\": [5570]}", "ports"),
        ("{\"ports\": {\"api\": \"5570\"}}", "ports.api"),
        ("{\"ports\": {\"api\": 70000}}", "ports.api"),
        ("{\"ports\": {\"api\": {\"port\": 0}}}", "ports.api.port"),
        ("{\"ports\": {\"api\": {\"description\": 1}}}", "ports.api.description"),
        ("{\"ports\": {\"api\": {\"http\": \"no\"}}}", "ports.api.http"),
        ("{\"ports\": {\"a b\": 5570}}", "ports.a b"),
        ("{\"ports\": [\"api\", \"API\"]}", "ports.API"),
        ("{\"ports\": {\"api\": 5570, \"ui\": 5570}}", "ports.ui"),
        ("{\"ports\": [\"api-local\", \"apiLocal\"]}", "ports.apiLocal"),
        ("{\"ports\": {\"portless-api\": 5570}}", "ports.portless-api"),
        ("{\"apps\": {\"web\": {\"ports\": true}}}", "apps.web.ports"),
    ])
    func `a wrong type names its key`(text: String, key: String) {
        let error = #expect(throws: ProjectConfigurationError.self) { try read(text) }
        guard case .wrongType(_, key, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `ports are numbers, left to a lease, or described`() throws {
        let ports = try read(
            """
            {"ports": {"ui": 5571, "api": "auto", "ws": null,
              "cdp": {"port": 5556, "description": "DevTools", "http": true}}}
            """
        ).app.ports
        #expect(
            ports == [
                ConfiguredPort(label: "ui", port: 5571), ConfiguredPort(label: "api"),
                ConfiguredPort(label: "ws"),
                ConfiguredPort(
                    label: "cdp",
                    port: 5556,
                    description: "DevTools",
                    speaksHTTP: true,
                ),
            ]
        )
        #expect(
            try read("{\"ports\": [\"api\", \"ui\"]}").app.ports
                == [ConfiguredPort(label: "api"), ConfiguredPort(label: "ui")]
        )
    }

    @Test func `an app's settings are those of its folder or the nearest above`() throws {
        let configuration = try read(
            "{\"name\": \"top\", \"apps\": {\"apps\": {\"name\": \"a\"}, \"apps/web\": {\"name\": \"w\"}}}"
        )
        #expect(configuration.app(at: "apps/web").name == "w")
        #expect(configuration.app(at: "apps/web/deep").name == "w")
        #expect(configuration.app(at: "apps/other").name == "a")
        #expect(configuration.app(at: "libs").name == nil)
        #expect(configuration.app(at: "").name == "top")
        #expect(try read("{\"name\": \"top\"}").app(at: "anywhere").name == "top")
    }

    @Test func `portless-json beats the key of package-json, which may be just a name`() throws {
        try TemporaryDirectory.with { folder in
            #expect(try ProjectConfiguration.load(in: folder) == ProjectConfiguration())
            try folder.write("package.json", "{\"portless\": \"short\"}")
            #expect(try ProjectConfiguration.load(in: folder).app.name == "short")
            try folder.write("package.json", "{\"portless\": {\"appPort\": 4001}}")
            #expect(try ProjectConfiguration.load(in: folder).app.appPort == 4001)
            try folder.write("portless.json", "{\"name\": \"file\"}")
            let configuration = try ProjectConfiguration.load(in: folder)
            #expect(configuration.app.name == "file")
            #expect(configuration.app.appPort == nil)
        }
    }
}
