import HostSystem
import SystemPackage
import Testing

@testable import PortlessCore
@testable import portless

@Suite struct PortsKillCommandTests {
    private static let node = ProcessIdentity(pid: 4711, startTime: 1)

    /// A world in which a process listens on port 4001 until it gets a signal.
    private func listening(
        _ world: inout CommandWorld,
        as command: String = "node",
    ) -> Collected<String> {
        let sent = Collected<String>()
        world.hasNoProxy()
        world.context.surveyPorts = { _, _ in
            let listener = ObservedListener(
                port: 4001,
                address: "127.0.0.1",
                process: ObservedProcess(pid: 4711, command: command),
            )
            return PortSurvey(
                claims: PortClaims(leases: [], apps: [], routes: []),
                listeners: [listener],
                holders: [4001: [Self.node]],
            )
        }
        world.context.processes.enclosing = { [1, 2] }
        world.context.processes.details = { _ in
            .init(name: command, command: [command, "server.js"], folder: "/work/shop")
        }
        world.context.processes.send = { process, signal in
            sent.add("\(process.pid) \(signal)")
            return true
        }
        world.context.processes.isAlive = { _ in sent.all.isEmpty }
        world.context.holder = { _ in nil }
        return sent
    }

    @Test func `the process is shown, asked to end, and gone`() async throws {
        try await CommandWorld.with { world in
            let sent = listening(&world)
            let result = await world.run("ports kill 4001 --yes")
            #expect(result.code == 0, "\(result.talk)")
            #expect(result.output == "Ended node (4711).\n")
            #expect(result.talk.contains("node (4711) listens on port 4001 at 127.0.0.1"))
            #expect(result.talk.contains("command  node server.js"))
            #expect(result.talk.contains("folder   /work/shop"))
            #expect(sent.all == ["4711 \(Signal.terminate)"])
        }
    }

    @Test func `without a terminal to ask at, nothing is ended`() async throws {
        try await CommandWorld.with { world in
            let sent = listening(&world)
            let result = await world.run("ports kill 4001")
            #expect(result.code == 1)
            #expect(result.talk.contains("Add --yes"))
            #expect(sent.all.isEmpty)
        }
    }

    @Test func `what this terminal runs in is left alone`() async throws {
        try await CommandWorld.with { world in
            let sent = listening(&world)
            world.context.processes.enclosing = { [1, 4711] }
            let result = await world.run("ports kill 4001 --yes")
            #expect(result.code == 1)
            #expect(result.talk.contains("which this terminal runs in"))
            #expect(sent.all.isEmpty)
        }
    }

    @Test func `a daemon of Portless's own is stopped in its own way`() async throws {
        try await CommandWorld.with { world in
            let sent = listening(&world)
            let own = ProcessIdentity.current
            let listener = ObservedListener(
                port: 4001,
                address: "127.0.0.1",
                process: ObservedProcess(pid: own.pid, command: "portless"),
            )
            world.context.surveyPorts = { _, _ in
                PortSurvey(
                    claims: PortClaims(leases: [], apps: [], routes: []),
                    listeners: [listener],
                    holders: [4001: [own]],
                )
            }
            let record = ServerRecord(
                version: "1.0.0",
                process: own,
                host: "127.0.0.1",
                port: 4001,
                usesTLS: false,
                mirrorPort: nil,
                socket: "/run/x.sock",
            )
            try world.context.preparedStateDirectory().write(record)
            let result = await world.run("ports kill 4001 --yes")
            #expect(result.code == 1)
            #expect(result.talk.contains("portless server stop"))
            #expect(sent.all.isEmpty)
        }
    }

    @Test func `a container's port is left to its container`() async throws {
        try await CommandWorld.with { world in
            let sent = listening(&world, as: "docker-proxy")
            let result = await world.run("ports kill 4001 --yes")
            #expect(result.code == 1)
            #expect(result.talk.contains("belongs to a container"))
            #expect(sent.all.isEmpty)
        }
    }

    @Test func `a process that something starts again is an error`() async throws {
        try await CommandWorld.with { world in
            let sent = listening(&world)
            world.context.holder = { _ in "node (4712)" }
            let result = await world.run("ports kill 4001 --yes")
            #expect(result.code == 1)
            #expect(result.talk.contains("node (4712) listens on port 4001 now."))
            #expect(sent.all.count == 1)
        }
    }

    @Test func `a port on which no process listens is an error`() async throws {
        try await CommandWorld.with { world in
            _ = listening(&world)
            let result = await world.run("ports kill 4002 --yes")
            #expect(result.code == 1)
            #expect(result.talk.contains("Nothing listens on port 4002."))
        }
    }
}
