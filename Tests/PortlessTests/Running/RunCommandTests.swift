import HostSystem
import PortlessCore
import TestSupport
import Testing

@testable import portless

@Suite struct RunCommandTests {
    @Test(arguments: [
        ("0", true), ("false", true), ("skip", true), ("1", false), ("", false), ("FALSE", false),
    ])
    func `PORTLESS says whether we stand aside`(value: String, isBypassed: Bool) {
        #expect(RunCommand.isBypassed(["PORTLESS": value]) == isBypassed)
        #expect(!RunCommand.isBypassed([:]))
    }

    private func failure(_ request: RunRequest, _ world: CommandWorld) -> String {
        let error = #expect(throws: (any Error).self) {
            try RunCommand(request: request).run(world.context, signals: SignalQueue([]))
        }
        return error.map { "\($0)" } ?? ""
    }

    private let named = RunRequest(naming: .exactly("web"), command: ["vite"])
    private let project = RunRequest(naming: .project(override: nil), command: ["vite"])

    @Test func `both kinds of run refuse a port that is none`() async throws {
        try await CommandWorld.with { world in
            world.context.environment["PORTLESS_APP_PORT"] = "x"
            for request in [named, project] {
                let sentence = "Invalid app port \"x\" in PORTLESS_APP_PORT."
                #expect(failure(request, world).hasPrefix(sentence))
            }
        }
    }

    @Test func `without a proxy nothing is registered`() async throws {
        try await CommandWorld.with { world in
            world.hasNoProxy()
            world.context.startDaemon = { _, _, _ in throw Failure("There is no port.") }
            for request in [named, project] {
                #expect(failure(request, world) == "There is no port.")
            }
            let routes = try world.context.routes().list()
            #expect(routes.isEmpty)
        }
    }

    @Test func `a run without a command needs a script`() async throws {
        try await CommandWorld.with { world in
            let request = RunRequest(naming: .project(override: nil))
            #expect(failure(request, world).hasPrefix("No command provided."))
            world.context.globals.script = "start"
            let folder = world.context.workingDirectory
            try folder.write("package.json", #"{"scripts": {"dev": "vite"}}"#)
            #expect(failure(request, world).contains("start"))
        }
    }
}
