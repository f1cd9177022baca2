import SystemPackage
import TestSupport
import Testing

@testable import PortlessCore
@testable import Projects
@testable import portless

struct PlanDraftTests {
    private func process(
        _ name: String,
        _ ports: [DetectedProcess.LabeledPort] = [],
        number: Int = 0,
        _ change: (inout DeclaredProcess) -> Void = { _ in },
    ) -> PlanDraft.Process {
        var declared = DeclaredProcess(name: name, command: [name], directory: "/projects/shop")
        change(&declared)
        return PlanDraft.Process(
            instance: .init(
                declared: declared,
                name: number == 0 ? name : "\(name)-\(number)",
                number: number,
            ),
            ports: ports,
        )
    }

    private func plan(
        _ processes: PlanDraft.Process...,
        inherited: [String: String] = ["HOME": "/home/u"],
        folder: @escaping (FilePath) -> CommandFolder = { _ in .unknown },
    ) throws -> [PlannedProcess] {
        try PlanDraft(
            app: AppName(parsing: "shop"),
            directory: "/projects/shop",
            processes: processes,
            variables: ["UI_PORT": "4000"],
            proxy: ProxyDescription(
                stateDirectory: StateDirectory(path: "/state"),
                isRunning: true,
                port: 443,
                usesTLS: true,
                tlds: [.localhost],
            ),
            environment: AppEnvironment(
                inherited: inherited,
                trust: ["NODE_EXTRA_CA_CERTS": "/state/ca.pem"],
                topLevelDomains: ["localhost"],
                searchPath: { "\($0)/node_modules/.bin:/usr/bin" },
            ),
            folder: folder,
        ).plan().processes
    }

    @Test func `what the configuration tells a process is filled in, and beats its own file`()
        throws
    {
        func variable(_ name: String, _ text: String) throws -> ConfiguredVariable {
            ConfiguredVariable(
                name: name,
                template: try EnvironmentTemplate(parsing: text),
                location: SourceLocation(file: "portless.json", line: 3),
            )
        }
        var draft = PlanDraft(
            app: try AppName(parsing: "fix.shop"),
            directory: "/projects/shop",
            processes: [
                process("web", [.init(label: "ui", port: 4000)]) {
                    $0.environment = ["DB": "theirs"]
                    $0.templates = [
                        try? variable("DB", "shop_{branch}"),
                        try? variable("API", "{url.api}/{port.api}"),
                        try? variable("ME", "{name} {url.fix.shop}"), try? variable("HOME", "/h"),
                        try? variable("AUTH", "{url.auth}"),
                    ].compactMap(\.self)
                },
                process("api", [.init(label: "api", port: 4001)]),
            ],
            variables: [:],
            proxy: ProxyDescription(
                stateDirectory: StateDirectory(path: "/state"),
                isRunning: true,
                port: 443,
                usesTLS: true,
                tlds: [.localhost],
            ),
            environment: AppEnvironment(
                inherited: ["HOME": "/home/u"],
                trust: [:],
                topLevelDomains: ["localhost"],
                searchPath: { "\($0)" },
            ),
            folder: { _ in .unknown },
        )
        var values = PlaceholderValues(app: draft.app)
        values.branch = "a-fix"
        draft.placeholders = values
        let web = try draft.plan().processes[0]
        #expect(web.environment["DB"] == "shop_a-fix")
        #expect(web.environment["API"] == "https://api.fix.shop.localhost/4001")
        #expect(web.environment["ME"] == "fix.shop https://fix.shop.localhost")
        #expect(web.environment["AUTH"] == "https://auth.localhost")
        #expect(web.environment["HOME"] == "/h")
        #expect(web.inherited["HOME"] == nil)
        draft.mainCheckout = ["api": "https://api.shop.localhost"]
        let beside = try draft.plan().processes[0].environment
        #expect(beside["PORTLESS_URL_API"] == "https://api.shop.localhost")
        #expect(beside["API"] == "https://api.shop.localhost/4001")
        draft.processes[0].instance.declared.templates = [try variable("X", "{port.db}")]
        #expect {
            try draft.plan()
        } throws: { error in
            "\(error)".hasPrefix("portless.json:3: X asks for {port.db}, and fix.shop has no port")
        }
        draft.placeholders?.branch = nil
        draft.processes[0].instance.declared.templates = [try variable("X", "{branch}")]
        #expect(throws: Failure.self) { try draft.plan() }
    }

    @Test func `a process that serves is told its port, its address and its siblings`() throws {
        let processes = try plan(
            process("web", [.init(label: "ui", port: 4000)]),
            process("api", [.init(label: "api", port: 4001)]),
            process("worker"),
        )
        let web = processes[0]
        #expect(web.names.own.map(\.description) == ["shop.localhost"])
        #expect(web.names.labels.map(\.hostname.description) == ["ui.shop.localhost"])
        #expect(web.urls == ["https://shop.localhost", "https://ui.shop.localhost"])
        #expect(web.primaryPort == 4000)
        #expect(web.environment["PORT"] == "4000")
        #expect(web.environment["PORTLESS_URL"] == "https://shop.localhost")
        #expect(web.environment["PORTLESS_URL_API"] == "https://api.shop.localhost")
        #expect(web.environment["UI_PORT"] == "4000")
        #expect(web.environment["NODE_EXTRA_CA_CERTS"] == "/state/ca.pem")
        let worker = processes[2]
        #expect(worker.names.isEmpty && worker.urls.isEmpty && worker.primaryPort == nil)
        #expect(worker.environment["PORT"] == nil)
        #expect(worker.environment["PORTLESS_URL_WEB"] == "https://shop.localhost")
    }

    @Test func `what comes from the caller is kept apart from what the project says`() throws {
        let web = try plan(
            process("web", [.init(label: "ui", port: 4000)]) { $0.environment = ["MODE": "dev"] },
            inherited: ["HOME": "/home/u", "MODE": "prod", "PORTLESS_URL_WEB": "mine"],
        )[0]
        #expect(web.environment["MODE"] == "dev")
        #expect(web.environment["HOME"] == nil)
        #expect(web.inherited["HOME"] == "/home/u")
        #expect(web.inherited["PATH"] == "/projects/shop/node_modules/.bin:/usr/bin")
        #expect(web.wholeEnvironment["PORTLESS_URL_WEB"] == "mine")
    }

    @Test func `instances count their variables up, however large the file's number is`() throws {
        let change = { (declared: inout DeclaredProcess) in
            declared.instances = 2
            declared.instanceVariable = "SHARD"
            declared.environment = ["SHARD": "9223372036854775807", "PORT": "4000"]
        }
        let processes = try plan(
            process("api", [.init(label: "api", port: 4000)], change),
            process("api", [.init(label: "api", port: 4001)], number: 1, change),
        )
        #expect(processes.map { $0.environment["PORT"] } == ["4000", "4001"])
        #expect(processes.map { $0.environment["NODE_APP_INSTANCE"] } == ["0", "1"])
        #expect(processes[1].environment["SHARD"] == "9223372036854775807")
    }

    @Test func `a process with an api and a ui shows the ui under the app's own name`() throws {
        let dev = try plan(
            process("dev", [.init(label: "api", port: 4107), .init(label: "ui", port: 4108)])
        )[0]
        #expect(dev.primaryPort == 4108)
        #expect(dev.names.own.map(\.description) == ["shop.localhost"])
        #expect(dev.names.labels.map(\.port) == [4107])
        #expect(dev.names.labels.map(\.hostname.description) == ["api.shop.localhost"])
        #expect(dev.environment["PORT"] == "4107")
    }

    @Test func `a dependency means all its instances`() throws {
        let processes = try plan(
            process("web") { $0.dependencies = ["api"] },
            process("api"),
            process("api", number: 1),
        )
        #expect(processes[0].dependencies == ["api", "api-1"])
    }

    @Test func `a framework's flags are added by what the package's script says`() throws {
        try TemporaryDirectory.with { folder in
            try folder.write("package.json", #"{"scripts": {"dev": "vite"}}"#)
            let web = try plan(
                process("web", [.init(label: "ui", port: 4000)]) {
                    $0.command = ["npm", "run", "dev"]
                },
                folder: { $0 == "/projects/shop" ? CommandFolder(folder) : .unknown },
            )[0]
            #expect(web.command.starts(with: ["npm", "run", "dev", "--"]))
            #expect(web.command.contains("4000"))
        }
    }
}
