import PortlessCore
import Projects
import SystemPackage
import TestSupport
import Testing

/// What is run and what is shown are one answer.
struct ProjectReadingTests {
    private func read(
        _ files: [String: String],
        environment: [String: String] = [:],
        name: String? = nil,
    ) throws -> ProjectReading {
        try ProjectReading(
            root: "/app",
            files: HostileProject.files(files),
            .init(environment: environment, environmentName: name),
        )
    }

    private let pm2 = """
        module.exports = { apps: [{
          name: 'my web', script: 'npm',
          env: { PORT: process.env.WEB_PORT || 3000 },
          env_production: { PORT: 3080 },
        }] };
        """

    @Test(
        arguments: [
            ([:], nil, 3000), ([:], "production", 3080), (["WEB_PORT": "3003"], nil, 3003),
            (["PORT": "9999"], nil, 3000),
        ] as [([String: String], String?, Port)]
    )
    func `a process of PM2 is shown on the port that it is started with`(
        environment: [String: String],
        name: String?,
        port: Port,
    ) throws {
        let reading = try read(["ecosystem.config.js": pm2], environment: environment, name: name)
        #expect(reading.detected.processes.map(\.ports) == [[.init(label: "ui", port: port)]])
        var declared = try #require(reading.declared)
        #expect(declared.processes[0].environment["PORT"] == "\(port)")
        declared.addPorts(of: reading.detected)
        #expect(declared.processes[0].ports == [.init(label: "ui", port: port)])
    }

    @Test func `a flag that beats PORT is the port that a process runs on`() throws {
        let reading = try read([
            "ecosystem.config.js": """
            module.exports = [{ name: 'web', script: 'next', args: 'start -p 3005', env: { PORT: 1 } }]
            """
        ])
        var declared = try #require(reading.declared)
        declared.addPorts(of: reading.detected)
        #expect(declared.processes[0].ports == [.init(label: "ui", port: 3005)])
    }

    @Test func `a script that starts other packages' servers has their ports`() throws {
        let files = [
            "package.json": #"""
            {"name": "shop", "scripts": {"dev": "run-p d:*", "d:a": "npm --prefix api run dev",
             "d:w": "cd web && npm start", "d:b": "cd back && npm start"}}
            """#,
            "api/package.json": #"{"scripts": {"dev": "node x --port 4001"}}"#,
            "back/package.json": #"{"scripts": {"start": "node x.js --port 4003"}}"#,
            "web/package.json": #"{"scripts": {"start": "vite --port 4002"}}"#,
        ]
        let detected = try TemporaryDirectory.with { root in
            for (path, text) in files { try root.write(path, text) }
            return try ProjectReading(root: root, files: .directory(root)).detected
        }
        #expect(detected.processes.map(\.name) == ["api", "back", "web"])
        let dev = DeclaredProcess(name: "shop", command: ["npm", "run", "dev"], directory: "/app")
        var declared = DeclaredProcesses(processes: [dev])
        declared.addPorts(of: detected)
        let ports = declared.processes[0].ports
        #expect(ports.map(\.label) == ["api", "ui", "back"])
        #expect(ports.map(\.port) == [4001, 4002, 4003])
    }

    @Test func `a Procfile's release runs once before the rest, and env is everyone's`() throws {
        let reading = try read(
            [
                "Procfile": "release: ./migrate\nweb: ./web\nworker: ./work\n",
                ".env": #"""
                PORT=5600
                NAME=shop
                URL="https://${NAME}.example\nx"
                RAW='$NAME'
                SET=here
                """#,
            ],
            environment: ["SET": "outside"],
        )
        let processes = try #require(reading.declared).processes
        #expect(processes.map(\.dependencies) == [[], ["release"], ["release"]])
        #expect(processes.map(\.restart.isAutomatic) == [false, true, true])
        #expect(processes.map(\.wantsPort) == [false, true, false])
        let environment = ["NAME": "shop", "URL": "https://shop.example\nx", "RAW": "$NAME"]
        #expect(processes.map(\.environment) == [environment, environment, environment])
        #expect(reading.detected.processes.map(\.port) == [nil, 5600, nil])
    }

    @Test func `PM2's port is the process's PORT, over that of its environment`() throws {
        let reading = try read([
            "ecosystem.config.js":
                "module.exports = [{ name: 'a', script: 'x', port: 4001, env: { PORT: 4000 } }]"
        ])
        #expect(reading.detected.processes.map(\.port) == [4001])
        #expect(reading.detected.processes[0].sources.map(\.rule) == ["port"])
        #expect(reading.declared?.processes[0].environment == ["PORT": "4001"])
    }

    @Test func `a PORT in portless-json is the process's port`() throws {
        let reading = try read([
            "Procfile": "api: PORT=5570 node api.js\n",
            "portless.json": #"{"processes": {"api": {"env": {"PORT": 6001}}}}"#,
        ])
        #expect(reading.detected.processes.map(\.ports) == [[.init(label: "api", port: 6001)]])
    }

    @Test func `the process's own PORT comes first, even where its ports leave it out`() {
        var process = DeclaredProcess(name: "web", command: ["x"], directory: "/app")
        process.environment["PORT"] = "4000"
        for (known, ports) in [
            ([], [("web", 4000)]),
            ([("cdp", 5556), ("health", 4000)], [("health", 4000), ("cdp", 5556)]),
            ([("cdp", 5556)], [("web", 4000), ("cdp", 5556)]),
        ] as [([(String, Port)], [(String, Port)])] {
            var declared = DeclaredProcesses(processes: [process])
            declared.addPorts(
                of: DetectedProject(
                    name: "shop",
                    processes: [
                        .init(name: "web", ports: known.map { .init(label: $0, port: $1) })
                    ],
                )
            )
            #expect(
                declared.processes[0].ports
                    == ports.map { DetectedProcess.LabeledPort(label: $0, port: $1) }
            )
        }
    }

    @Test func `a Procfile is read once, in the order in which files are looked for`() throws {
        let files = ["Procfile": "web: x --port 3001\n", "Procfile.dev": "web: x --port 3002\n"]
        let reading = try read(files)
        #expect(reading.detected.processes.map(\.port) == [3002])
        #expect(reading.declared?.processes.map(\.command) == [["x", "--port", "3002"]])
    }
}
