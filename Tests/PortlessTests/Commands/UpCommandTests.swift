import HostSystem
import NIOCore
import PortlessCore
import Runner
import SystemPackage
import TestSupport
import Testing

@testable import portless

@Suite struct UpCommandTests {
    /// A server that runs, as its state directory says, and answers what it is asked.
    private func start(
        _ world: inout CommandWorld,
        answer: @escaping @Sendable (APIRequest) -> String,
    ) throws {
        let state = try world.context.preparedStateDirectory()
        let record = ServerRecord(
            version: Portless.version,
            process: .current,
            host: "127.0.0.1",
            port: 5555,
            usesTLS: false,
            mirrorPort: nil,
            socket: state.path.appending("server.sock"),
        )
        try state.write(record)
        let token = String(repeating: "t", count: 64)
        try state.path.write("server.token", token)
        world.context.ask = { request, client in
            #expect(client.record == record)
            return LocalRequest.Answer(status: 200, body: answer(request))
        }
    }

    @Test func `what a Procfile declares is planned, started and shown`() async throws {
        try await CommandWorld.with { world in
            try world.context.workingDirectory.write("Procfile", "worker: ./work --all\n")
            try world.context.workingDirectory.write("portless.json", #"{"name": "shop"}"#)
            let shared = Collected<JSONValue>()
            try start(&world) { request in
                if let plan = request.body?["plan"] {
                    shared.add(plan)
                    return #"{"success": true, "results": {}}"#
                }
                return #"{"supervised": {"name": "shop", "processes": []}}"#
            }
            let result = await world.run("up")
            #expect(result.code == 0, "\(result.talk)")
            #expect(result.output.hasPrefix("PROCESS"))
            let plan = try #require(shared.all.first)
            #expect(plan["app"]?.string == "shop")
            #expect(plan["processes"]?.array?.first?["name"]?.string == "worker")
        }
    }

    @Test func `a process that the server can't start makes it fail`() async throws {
        try await CommandWorld.with { world in
            try world.context.workingDirectory.write("Procfile", "worker: ./work\n")
            try world.context.workingDirectory.write("portless.json", #"{"name": "shop"}"#)
            try start(&world) { request in
                request.body != nil
                    ? #"{"success": false, "results": {"worker": {"error": "no such file"}}}"#
                    : #"{"supervised": {"name": "shop", "processes": []}}"#
            }
            let result = await world.run("up")
            #expect(result.talk.contains("worker of shop isn't started: no such file"))
        }
    }

    @Test func `an unknown app or environment starts nothing`() async throws {
        try await CommandWorld.with { world in
            try world.context.workingDirectory.write("Procfile", "worker: ./work\n")
            try world.context.workingDirectory.write("portless.json", #"{"name": "shop"}"#)
            let unknown = await world.run("up blog")
            #expect(unknown.code == 1)
            #expect(unknown.talk.contains("\"blog\" is neither an app nor a process of shop."))
            let environment = await world.run("up --env production")
            #expect(environment.code == 1)
            #expect(environment.talk.contains("No process has \"env_production\"."))
        }
    }

    @Test func `a server that hangs is asked once, and ps reads the keepers' files`() async throws {
        try await CommandWorld.with { world in
            try start(&world) { _ in "{}" }
            let app = try AppName(parsing: "shop")
            let folder = KeeperFolder(of: app, in: try world.state)
            try folder.create()
            let web = PlannedProcess(name: "web", command: ["x"], directory: "/", environment: [:])
            try folder.write(SupervisionPlan(app: app, directory: "/shop", processes: [web]))
            let asked = Collected<String>()
            world.context.ask = { request, _ in
                asked.add(request.path)
                throw ChannelError.connectTimeout(try #require(request.limit))
            }
            let listed = await world.run("ps")
            #expect(listed.code == 0)
            #expect(listed.output.contains("shop  web"), "\(listed.output)")
            #expect(listed.talk.hasPrefix("Warning: The server doesn't answer"))
            for line in ["restart shop", "down shop"] {
                let result = await world.run(line)
                #expect(result.code == 1)
                #expect(result.talk.hasPrefix("Error: The server doesn't answer"))
            }
            #expect(asked.all == ["/api/apps", "/api/health", "/api/health"])
        }
    }

    @Test func `a server that can't be started is told in its own words`() async throws {
        try await CommandWorld.with { world in
            try world.context.workingDirectory.write("Procfile", "worker: ./work\n")
            world.context.startDaemon = { start, _, _ in
                #expect(start.kind == .server)
                throw Failure("Port 5555 is taken.")
            }
            let result = await world.run("up")
            #expect(result.code == 1)
            #expect(result.talk.contains("Error: Port 5555 is taken."))
        }
    }
}
