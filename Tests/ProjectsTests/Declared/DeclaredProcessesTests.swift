import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Projects

@Suite struct DeclaredProcessesTests {
    private func configured(_ text: String) throws -> [ConfiguredProcess] {
        try TemporaryDirectory.with { root in
            try root.write("portless.json", text)
            return try ProjectConfiguration.load(in: root).processes
        }
    }

    private let web = DeclaredProcess(name: "web", command: ["node"], directory: "/p")

    @Test func `two processes that would listen on one port are refused`() throws {
        func declared(_ rule: String) -> (DeclaredProcesses, DetectedProject) {
            let detected = ["web", "api"].map { name in
                var draft = ProcessDraft(name: name, directory: name)
                let place = SourceLocation(file: "\(name)/package.json", line: 1)
                draft.add(PortSource(label: "api", port: 3000, location: place, rule: rule))
                return draft.process
            }
            let project = DetectedProject(name: "shop", processes: detected)
            let api = DeclaredProcess(name: "api", command: ["node"], directory: "/p")
            var result = DeclaredProcesses(processes: [web, api])
            result.addPorts(of: project)
            return (result, project)
        }
        let (listening, project) = declared("package.json scripts.dev PORT")
        #expect(throws: DeclarationError.samePort(3000, "\"web\"", "\"api\"")) {
            try listening.refuseSharedPorts(of: project)
        }
        let (connecting, other) = declared("env API_PORT")
        try connecting.refuseSharedPorts(of: other)
    }

    @Test func `a port among those of several instances is refused to another process`() throws {
        func declared(instances: Int, port: Port) throws -> DeclaredProcesses {
            var many = web
            many.instances = instances
            many.environment = ["PORT": "3000"]
            many.ports = [.init(label: "ui", port: 3000)]
            var api = DeclaredProcess(name: "api", command: ["node"], directory: "/p")
            api.environment = ["PORT": "\(port)"]
            api.ports = [.init(label: "api", port: port)]
            return DeclaredProcesses(processes: [many, api])
        }
        let project = DetectedProject(name: "shop")
        #expect(throws: DeclarationError.samePort(3002, "\"web\"", "\"api\"")) {
            try declared(instances: 3, port: 3002).refuseSharedPorts(of: project)
        }
        try declared(instances: 2, port: 3002).refuseSharedPorts(of: project)
    }

    @Test func `an entry adds a process, or changes one of another file`() throws {
        var declared = DeclaredProcesses(processes: [web])
        try declared.apply(
            configured(
                """
                {"processes": {
                  "web": {"depends_on": ["db"], "env": {"A": 1}},
                  "db": {"command": ["postgres", "-D", "."], "cwd": "data", "ports": ["pg"]},
                  "job": "echo $PORT"
                }}
                """
            ),
            root: "/p",
        )
        #expect(declared.processes.map(\.name) == ["web", "db", "job"])
        #expect(declared.processes[0].dependencies == ["db"])
        #expect(declared.processes[0].environment == ["A": "1"])
        #expect(declared.processes[1].command == ["postgres", "-D", "."])
        #expect(declared.processes[1].directory == "/p/data")
        #expect(declared.processes[1].labels == ["pg"])
        #expect(declared.processes[2].command == ["sh", "-c", "echo $PORT"])
        #expect(declared.processes[2].wantsPort)
    }

    @Test(arguments: [
        (#"{"processes": []}"#, "processes"),
        (#"{"processes": {"a": 1}}"#, "processes.a"),
        (#"{"processes": {"a": {"command": 1}}}"#, "processes.a.command"),
        (#"{"processes": {"a": {"command": "x", "depends_on": 3}}}"#, "processes.a.depends_on"),
        (
            #"{"processes": {"a": {"command": "x", "min_uptime": "soon"}}}"#,
            "processes.a.min_uptime",
        ),
        (#"{"processes": {"a": {"command": "x", "instances": 0}}}"#, "processes.a.instances"),
        (#"{"processes": {"a": {"command": "x", "env": {"B": []}}}}"#, "processes.a.env.B"),
        (#"{"processes": {"a": {"command": "x", "ports": ["1"]}}}"#, "processes.a.ports"),
    ])
    func `a value of the wrong type is an error that names it`(text: String, key: String) {
        #expect {
            try configured(text)
        } throws: { error in
            "\(error)".contains("\"\(key)\"")
        }
    }

    @Test func `unknown keys are told`() throws {
        try TemporaryDirectory.with { root in
            try root.write(
                "portless.json",
                #"{"processes": {"a": {"command": "x", "dependson": []}}}"#,
            )
            let keys = try ProjectConfiguration.load(in: root).unknownKeys
            #expect(keys == ["processes.a.dependson"])
        }
    }

    @Test func `dependencies that can't be met are refused`() throws {
        var unknown = DeclaredProcesses(processes: [web])
        #expect(throws: DeclarationError.unknownDependency("dbb", of: "web", known: ["web"])) {
            try unknown.apply(
                configured(#"{"processes": {"web": {"depends_on": ["dbb"]}}}"#),
                root: "/p",
            )
        }
        var circle = DeclaredProcesses(processes: [web])
        #expect(throws: DeclarationError.circle(["web", "db"])) {
            try circle.apply(
                configured(
                    """
                    {"processes": {"web": {"depends_on": ["db"]},
                                   "db": {"command": "x", "depends_on": "web"}}}
                    """
                ),
                root: "/p",
            )
        }
        var nothing = DeclaredProcesses()
        #expect(throws: DeclarationError.noCommand("web", file: "portless.json")) {
            try nothing.apply(configured(#"{"processes": {"web": {}}}"#), root: "/p")
        }
    }
}
