import PortlessCore
import SystemPackage
import Testing

@testable import Projects

@Suite struct WorktreePortsTests {
    private func process(
        _ name: String,
        _ ports: [(String, Port)],
        _ environment: [String: String] = [:],
    ) -> DeclaredProcess {
        var process = DeclaredProcess(name: name, command: ["x"], directory: "/p")
        process.ports = ports.map { .init(label: $0.0, port: $0.1) }
        process.environment = environment
        return process
    }

    private func leased(_ processes: DeclaredProcess...) -> [DeclaredProcess] {
        var declared = DeclaredProcesses(processes: processes)
        declared.leaseDeclaredPorts()
        return declared.processes
    }

    private func values(_ process: DeclaredProcess) -> [String: String] {
        Dictionary(
            process.templates.map { ($0.name, $0.template.filled { "\($0)" }) },
            uniquingKeysWith: { $1 },
        )
    }

    @Test func `declared numbers become labels of the worktree's own block`() {
        let processes = leased(
            process("api", [("api", 5570), ("debug", 9229)], ["PORT": "5570", "A": "b"]),
            process("web", [("ui", 5571), ("ws", 5572)], ["PORT": "5571", "WS_PORT": "5572"]),
        )
        #expect(processes.map(\.labels) == [["api"], ["ui", "ws"]])
        #expect(processes.map { $0.ports.map(\.label) } == [["debug"], []])
        #expect(processes[0].environment == ["A": "b"])
        #expect(processes[1].environment == [:])
        #expect(values(processes[1]) == ["WS_PORT": "{port.ws}"])
    }

    @Test func `what a variable tells, and where others are found, follows`() {
        let processes = leased(
            process("db", [("db", 5432)], ["PGPORT_PORT": "5432"]),
            process(
                "web",
                [("ui", 5571)],
                ["API_URL": "http://localhost:5432/x", "OTHER": "http://localhost:9999"],
            ),
        )
        #expect(processes[0].labels == ["db"])
        #expect(values(processes[1]) == ["API_URL": "http://localhost:{port.db}/x"])
        #expect(processes[1].environment == ["OTHER": "http://localhost:9999"])
    }

    @Test func `two of one label get names of their own, and others stay`() {
        let processes = leased(
            process("a", [("api", 5570)]),
            process("b", [("api", 5571)]),
            process("cache", [("redis", 6379)]),
        )
        #expect(processes.map(\.labels) == [["api"], ["b"], nil])
        #expect(processes[2].ports.map(\.port) == [6379])
    }
}
