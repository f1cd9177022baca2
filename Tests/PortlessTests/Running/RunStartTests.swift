import HostSystem
import PortlessCore
import Runner
import SystemPackage
import TestSupport
import Testing

@testable import portless

/// Runs in the terminal up to the start of the first process.
@Suite struct RunStartTests {
    /// Ends a run where its process would start.
    private struct NotStarted: Error, CustomStringConvertible {
        let description = "not started"
    }

    /// What was to be started, and which names stood in the routes by then.
    private typealias Starts = Collected<(start: AppStart, names: [String])>

    private func prepare(_ world: inout CommandWorld) throws -> Starts {
        let starts = Starts()
        try world.hasProxy()
        world.context.isFree = { _ in true }
        world.context.answering = { _ in nil }
        world.context.startGuardian = { _, _ in nil }
        let routes = try world.context.routes()
        world.context.startApp = { app, _ in
            starts.add((app, try routes.list().map(\.hostname)))
            throw NotStarted()
        }
        return starts
    }

    @Test func `an app is started with its port and URL, once its name leads to it`() async throws {
        try await CommandWorld.with { world in
            let starts = try prepare(&world)
            let request = RunRequest(
                naming: .exactly("web"),
                appPort: 4567,
                command: ["node", "server.js"],
            )
            #expect(throws: NotStarted.self) {
                try RunCommand(request: request).run(world.context, signals: SignalQueue([]))
            }
            let (start, names) = try #require(starts.all.first)
            #expect(names == ["web.localhost"])
            #expect(start.command == ["node", "server.js"])
            #expect(start.folder == world.context.workingDirectory)
            #expect(start.environment["PORT"] == "4567")
            #expect(start.environment["PORTLESS_URL"] == "http://web.localhost:1355")
            #expect(try world.context.routes().list().isEmpty)
        }
    }

    @Test func `a line of the list of TLDs that is none is named`() async throws {
        try await CommandWorld.with { world in
            let starts = try prepare(&world)
            let state = try world.state
            try state.write("localhost\na_b\n", to: state[.proxyTLDs])
            let request = RunRequest(naming: .exactly("web"), command: ["true"])
            #expect(throws: NotStarted.self) {
                try RunCommand(request: request).run(world.context, signals: SignalQueue([]))
            }
            #expect(world.talk.contains("proxy.tlds names \"a_b\", which is no TLD"))
            #expect(starts.all.count == 1)
        }
    }

    @Test func `a run under the project's name runs its script`() async throws {
        try await CommandWorld.with { world in
            let starts = try prepare(&world)
            try world.context.workingDirectory.write(
                "package.json",
                #"{"name": "shop", "scripts": {"dev": "node server.js"}}"#,
            )
            #expect(throws: NotStarted.self) {
                try ScriptCommand(extra: ["--watch"]).run(world.context, signals: SignalQueue([]))
            }
            let (start, names) = try #require(starts.all.first)
            #expect(names == ["shop.localhost"])
            #expect(start.command == ["npm", "run", "dev", "--", "--watch"])
        }
    }

    @Test func `without a "dev" script and a Procfile, "start" runs`() async throws {
        try await CommandWorld.with { world in
            let starts = try prepare(&world)
            let folder = world.context.workingDirectory
            try folder.write(
                "package.json",
                #"{"name": "shop", "scripts": {"start": "node server.js"}}"#,
            )
            #expect(throws: NotStarted.self) {
                try ScriptCommand(extra: []).run(world.context, signals: SignalQueue([]))
            }
            #expect(starts.all.first?.start.command == ["npm", "run", "start"])
        }
    }

    @Test(arguments: ["turbo.json", "turbo.jsonc"])
    func `Turborepo starts a workspace's scripts, and each package gets its own variables`(
        file: String
    ) async throws {
        try await CommandWorld.with { world in
            let starts = try prepare(&world)
            let folder = world.context.workingDirectory
            try writeWorkspace(in: folder, root: #""scripts": {"dev": "turbo run dev"}"#)
            try folder.write(file, "{}")
            let loaders = Collected<String>()
            let state = try world.state
            let turbo = state[.turborepo]
            let start = world.context.startApp
            world.context.startApp = { app, run in
                for name in DirectoryListing.names(turbo) {
                    loaders.add(try state.text(of: turbo.appending(name)) ?? "")
                }
                return try start(app, &run)
            }
            world.context.environment["NODE_OPTIONS"] = "--no-warnings"
            #expect(throws: NotStarted.self) {
                try ScriptCommand(extra: ["--ui=tui"]).run(
                    world.context,
                    signals: SignalQueue([]),
                )
            }
            let (app, names) = try #require(starts.all.first)
            #expect(starts.all.count == 1)
            #expect(Set(names) == ["api.shop.localhost", "web.shop.localhost", "shop.localhost"])
            #expect(app.command == ["npm", "run", "dev", "--", "--ui=tui"])
            #expect(app.folder == folder)
            #expect(app.environment["PORT"] == nil)
            let options = try #require(app.environment["NODE_OPTIONS"])
            #expect(options.hasPrefix("--require \(turbo)/"))
            #expect(options.hasSuffix(".cjs --no-warnings"))
            let loader = try #require(loaders.all.first)
            #expect(loader.contains("\"\(folder)/apps/api\": {"))
            #expect(loader.contains("\"PORTLESS_URL\": \"http://web.shop.localhost:1355\""))
            #expect(!loader.contains("\"PATH\""))
            #expect(DirectoryListing.names(turbo).isEmpty)
        }
    }

    @Test(arguments: [
        ("", ["npx", "turbo", "run", "dev"]),
        (#""packageManager": "pnpm@9""#, ["pnpm", "exec", "turbo", "run", "dev"]),
        (#""scripts": {"dev": "portless"}"#, ["npx", "turbo", "run", "dev"]),
    ])
    func `without a script at the root turbo itself is called`(
        root: String,
        command: [String],
    ) async throws {
        try await CommandWorld.with { world in
            let starts = try prepare(&world)
            try writeWorkspace(in: world.context.workingDirectory, root: root)
            try world.context.workingDirectory.write("turbo.json", "{}")
            #expect(throws: NotStarted.self) {
                try ScriptCommand(extra: []).run(world.context, signals: SignalQueue([]))
            }
            #expect(starts.all.first?.start.command == command)
        }
    }

    @Test func `a path with blanks is quoted in NODE_OPTIONS`() {
        let options = Turborepo.nodeOptions(requiring: #"/a b/"c.cjs"#, before: nil)
        #expect(options == #"--require "/a b/\"c.cjs""#)
    }

    private func writeWorkspace(in folder: FilePath, root: String) throws {
        let more = root.isEmpty ? "" : ", \(root)"
        try folder.write(
            "package.json",
            #"{"name": "shop", "workspaces": ["apps/*"]\#(more)}"#,
        )
        for name in ["api", "web"] {
            try folder.write(
                "apps/\(name)/package.json",
                #"{"name": "\#(name)", "scripts": {"dev": "node server.js"}}"#,
            )
        }
    }

    @Test func `without anything to run, two lines say what was looked for`() async throws {
        try await CommandWorld.with { world in
            let result = await world.run("")
            #expect(result.code == 1)
            #expect(result.output.isEmpty)
            #expect(result.talk.hasPrefix("Error: Nothing in "))
            #expect(result.talk.contains("\"dev\" or \"start\" script"))
            #expect(result.talk.split(separator: "\n").count == 2)
        }
    }

    @Test func `an ecosystem file alone is offered to up`() async throws {
        try await CommandWorld.with { world in
            try world.context.workingDirectory.write(
                "ecosystem.config.js",
                #"module.exports = { apps: [{ name: "api", script: "server.js" }] }"#,
            )
            let result = await world.run("")
            #expect(result.code == 1)
            #expect(result.talk.contains("run in the background: api."))
            #expect(result.talk.contains("Start them with: portless up"))
        }
    }

    @Test(arguments: [("review", "review.shop.localhost"), ("", "shop.localhost")])
    func `the front of a name can be chosen`(prefix: String, name: String) async throws {
        try await CommandWorld.with { world in
            let starts = try prepare(&world)
            try world.context.workingDirectory.write("portless.json", #"{"name": "shop"}"#)
            let request = RunRequest(
                naming: .project(override: nil),
                prefix: prefix,
                command: ["node"],
            )
            #expect(throws: NotStarted.self) {
                try RunCommand(request: request).run(world.context, signals: SignalQueue([]))
            }
            let (start, names) = try #require(starts.all.first)
            #expect(names == [name])
            #expect(start.environment["PORTLESS_PREFIX"] == prefix)
        }
    }

    @Test func `a name under another TLD that doesn't resolve is told`() async throws {
        try await CommandWorld.with { world in
            world.context.addresses = { $0 == "web.test" ? [] : [.loopbackIPv4] }
            world.hasNoProxy()
            let proxy = try world.context.describeProxy()
            HostsSync.warn(of: [try #require(Hostname("web.test"))], on: proxy, world.context)
            HostsSync.warn(of: [try #require(Hostname("api.test"))], on: proxy, world.context)
            HostsSync.warn(of: [try #require(Hostname("web.localhost"))], on: proxy, world.context)
            while world.talk.isEmpty { await Task.yield() }
            #expect(world.talk.contains("web.test will not resolve. Run: portless hosts sync"))
        }
    }

    @Test func `all names of several apps lead to them before the first is started`() async throws {
        try await CommandWorld.with { world in
            let starts = try prepare(&world)
            try world.context.workingDirectory.write(
                "Procfile",
                "web: node server.js\nadmin: python -m http.server\nworker: ./work\n",
            )
            try world.context.workingDirectory.write("portless.json", #"{"name": "shop"}"#)
            let code = try ScriptCommand(extra: [])
                .run(world.context, signals: SignalQueue([]))
            #expect(code == 1)
            #expect(starts.all.count == 3)
            for (_, names) in starts.all {
                let below = ["admin.shop.localhost", "web.shop.localhost"]
                #expect(Set(names) == Set(below + ["shop.localhost"]))
            }
            #expect(starts.all.allSatisfy { $0.start.environment["PORT"] != nil })
        }
    }

    @Test func `a workspace's only app has the project's name, too`() async throws {
        try await CommandWorld.with { world in
            let starts = try prepare(&world)
            let folder = world.context.workingDirectory
            try folder.write("package.json", #"{"name": "ws", "workspaces": ["a", "b"]}"#)
            try folder.write("a/package.json", #"{"name": "a", "scripts": {"dev": "node a"}}"#)
            _ = try ScriptCommand(extra: []).run(world.context, signals: SignalQueue([]))
            #expect(starts.all.first.map { Set($0.names) } == ["a.ws.localhost", "ws.localhost"])
            try folder.write("b/package.json", #"{"name": "#)
            #expect {
                try ScriptCommand(extra: []).run(world.context, signals: SignalQueue([]))
            } throws: { error in
                "\(error)".contains("b/package.json")
            }
        }
    }

    @Test func `with PORTLESS=0 the command is started as it is`() async throws {
        try await CommandWorld.with { world in
            let starts = try prepare(&world)
            world.context.environment["PORTLESS"] = "0"
            let request = RunRequest(naming: .exactly("web"), command: ["node", "server.js"])
            #expect(throws: NotStarted.self) {
                try RunCommand(request: request).run(world.context, signals: SignalQueue([]))
            }
            let (start, names) = try #require(starts.all.first)
            #expect(names.isEmpty)
            #expect(start.environment["PORTLESS_URL"] == nil)
        }
    }

    @Test func `a name that an app has is refused with its folder and what helps`() async throws {
        try await CommandWorld.with { world in
            let starts = try prepare(&world)
            _ = try world.context.routes().register(
                try AppName(parsing: "web").hostnames(under: [.localhost]),
                owner: .process(#require(ProcessIdentity.of(pid: 1))),
                choosingPort: { _ in 4001 },
            )
            let request = RunRequest(naming: .exactly("web"), command: ["node"])
            let error = #expect(throws: Failure.self) {
                try RunCommand(request: request).run(world.context, signals: SignalQueue([]))
            }
            #expect(error?.sentence.contains("is already registered by PID 1") == true)
            #expect(error?.remedy == "Stop that process, or use --force to replace it.")
            #expect(starts.all.isEmpty)
        }
    }
}
