import PortlessCore
import Projects
import SystemPackage
import Testing

@testable import portless

@Suite struct ProcessPortsTests {
    private func process(
        _ name: String,
        _ change: (inout DeclaredProcess) -> Void = { _ in },
    ) -> DeclaredProcess {
        var process = DeclaredProcess(name: name, command: ["x"], directory: "/p")
        change(&process)
        return process
    }

    private func block(_ ports: (String, Port)...) -> AppPorts {
        AppPorts(ports.map { AppPorts.Endpoint(label: $0.0, port: $0.1) })
    }

    @Test func `declared literals are taken as they are, on consecutive ports for instances`() {
        let ports = ProcessPorts(
            [
                process("api") {
                    $0.instances = 3
                    $0.ports = [.init(label: "api", port: 5570)]
                }
            ]
        )
        #expect(ports.wanted([]).isEmpty)
        #expect(ports.instances.map(\.name) == ["api-0", "api-1", "api-2"])
        let numbers = ports.instances.flatMap { instance in
            ports.ports(of: instance, block: nil, configured: []).map(\.port)
        }
        #expect(numbers == [5570, 5571, 5572])
    }

    @Test func `a debugger's port is no reason to be told no other`() {
        let ports = ProcessPorts(
            [
                process("web") {
                    $0.wantsPort = true
                    $0.ports = [.init(label: "debug", port: 9229)]
                }
            ]
        )
        #expect(ports.wanted([]).map(\.label) == ["ui"])
        let given = ports.ports(
            of: ports.instances[0],
            block: block(("ui", 5570)),
            configured: [],
        )
        #expect(given.map(\.label) == ["ui", "debug"])
    }

    @Test func `the label is what detection gives, but for two of one kind`() {
        func labels(_ names: String...) -> [String] {
            let processes = names.map { name in
                process(name) {
                    $0.wantsPort = true
                    $0.showsPages = name == "dev"
                }
            }
            return ProcessPorts(processes).wanted([]).map(\.label)
        }
        #expect(labels("web", "api") == ["ui", "api"])
        #expect(labels("dev") == ["ui"])
        #expect(labels("server") == ["api"])
        #expect(labels("web", "admin", "server") == ["web", "admin", "api"])
        #expect(labels("one", "two") == ["one", "two"])
        let declared = process("shop") { $0.ports = [.init(label: "ui", port: 3000)] }
        let both = ProcessPorts([declared, process("web") { $0.wantsPort = true }])
        #expect(both.wanted([]).map(\.label) == ["web"])
        #expect(both.instances.map(both.mainLabel) == ["ui", "web"])
    }

    @Test func `a process that serves gets a port of the block by what it is`() {
        let ports = ProcessPorts(
            [process("web") { $0.wantsPort = true }, process("worker")]
        )
        #expect(ports.wanted([]).map(\.label) == ["ui"])
        let web = ports.ports(of: ports.instances[0], block: block(("ui", 5570)), configured: [])
        #expect(web == [.init(label: "ui", port: 5570)])
        #expect(ports.ports(of: ports.instances[1], block: nil, configured: []).isEmpty)
    }

    @Test func `labels of the project go to processes that are called like them`() {
        let configured = [ConfiguredPort(label: "ui"), ConfiguredPort(label: "api")]
        let ports = ProcessPorts(
            [process("shop-api"), process("ui"), process("worker")]
        )
        #expect(ports.wanted(configured) == configured)
        let given = ports.instances.map { instance in
            ports.ports(
                of: instance,
                block: block(("ui", 5570), ("api", 5571)),
                configured: configured,
            ).map(\.label)
        }
        #expect(given == [["api"], ["ui"], []])
    }

    @Test func `the only one that serves has all labels, the primary one first`() {
        let configured = [ConfiguredPort(label: "cdp"), ConfiguredPort(label: "ui")]
        let ports = ProcessPorts(
            [process("dev") { $0.wantsPort = true }]
        )
        let given = ports.ports(
            of: ports.instances[0],
            block: block(("cdp", 5570), ("ui", 5571)),
            configured: configured,
        )
        #expect(given.map(\.label) == ["ui", "cdp"])
    }
}
